#!/usr/bin/env bash
# What is added changes no other result: a copy of the tree gets one more workload, tracker, classifier, migrator, policy and test, with
# keys of their own and names that come first, and every record but `run` has the same bytes.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"

tree=$place/tree
mkdir "$tree"
tar -C "$root" --exclude=./results --exclude=./.git --exclude=./build/mutants --exclude=./build/host --exclude=./build/native -cf - . |
    tar -C "$tree" -xf -

another() { # file, name in it, new file, new name: the same part once more
    sed "s/$2/$4/g" "$tree/$1" >"$tree/$3"
}
another workloads/scan.c scan workloads/aaw.c aaw
another mm/track/dbit.c dbit mm/track/aat.c aat
another mm/classify/lru.c lru mm/classify/aac.c aac
another mm/migrate/sync.c sync mm/migrate/aam.c aam
another mm/policy/lru.c lru mm/policy/aap.c aap
sed -i 's/classifier = "aap"/classifier = "aac"/' "$tree/mm/policy/aap.c"
cat >"$tree/tests/guest/aaa.c" <<'END'
#include "lib/keys.h"
#include "tests/guest/guest.h"

static KEY_NUMBER(aaa_number, "aaa_test", 7, 0, 9, "a key that a test has");
static u64 numbers[99];

TEST(aaa, "aaa.first", "a test more")
{
    numbers[aaa_number] = 1;
    EXPECT_EQ(1, numbers[7]);
}
END
env -i PATH="$PATH" HOME="${HOME-/}" make -s -C "$tree" all >/dev/null 2>"$place/err"
status=$?
check builds 0 ''
cp "$tree/build/tierlab.elf32" "$place/more.elf32"
cp "$tree/build/tierlab-tests.elf32" "$place/more-tests.elf32"
TIERLAB_IMAGE=$place/more.elf32 verified runs run workload=aaw policy=aap tracker=aat classifier=aac migrator=aam ops=100000 warmup=10000
TIERLAB_IMAGE=$place/more.elf32 guest_tests test 'aaa*'

# The name of a result is a hash of image and keys.
plain() { grep -v '"kind":"run"' "$place/$1/records" | sed 's/"run":"[0-9a-f]*"/"run":""/'; }

small=(fast=4M slow=32M window_us=1000)
for workload in hotset kv gap-bfs; do
    case $workload in
    hotset) keys=(footprint=16M hot=2M ops=300000 warmup=100000) ;;
    kv) keys=(size=16M ops=30000 warmup=10000) ;;
    gap-bfs) keys=(gap_scale=14) ;;
    esac
    for policy in lru numa-balancing nomad; do
        name=$workload-$policy
        verified "$name" run workload=$workload policy=$policy "${small[@]}" "${keys[@]}"
        TIERLAB_IMAGE=$place/more.elf32 verified "$name-more" run workload=$workload policy=$policy "${small[@]}" "${keys[@]}"
        if cmp -s <(plain "$name") <(plain "$name-more"); then
            ok "$name.same_bytes"
        else
            not_ok "$name.same_bytes" "time_ns $(field "$name" time_ns), then $(field "$name-more" time_ns)"
        fi
    done
done
exit "$failed"
