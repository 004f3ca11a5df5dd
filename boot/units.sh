#!/usr/bin/env bash
# Prints, for linker.ld, where each unit's data goes: on pages of its own, so that what is added to one moves no other's by less than
# a page, and with it no line to another set of a cache (docs/caveats.md, Repeatability). A unit is all of kernel, platform, lib, lab,
# machines, report or vm; a file of mm, so each part, but all policies together, which are rows that nobody reads while the clock is
# on; a program, workloads/NAME.c or the folder workloads/NAME. What is left stands behind them: tests, and all texts, which are merged.
# Arguments: the directory of the objects, the image's objects.
#
# Read-only and initialised data are segments of their own, as then the file needs no padding; all that begins as zeroes is one.
set -eu
build=$1
shift

units=() # patterns of the linker's: its ? stands for a slash, as a slash and a star would begin a comment
for object; do
    case ${object#"$build/"} in
    kernel/* | platform/* | lib/* | lab/* | machines/* | report/* | vm/* | mm/policy/* | workloads/*/*) unit=${object%/*}?*.o ;;
    mm/* | workloads/*) unit=$object ;;
    *) continue ;;
    esac
    [[ " ${units[*]-} " == *" $unit "* ]] || units+=("$unit")
done

objects=("$@")
holds() { # unit, pattern of sections: whether any of it is there. Only objects that are linked count: the folder may hold old ones
    local object of_unit=()
    for object in "${objects[@]}"; do
        # shellcheck disable=SC2053 # a pattern of files
        [[ $object != ${1/\?//} ]] || of_unit+=("$object")
    done
    size -A "${of_unit[@]}" 2>/dev/null | grep -Eq "^\.($2) +[1-9]"
}

segments='' readonly_units='' data_units='' bss_units=''
for i in "${!units[@]}"; do
    unit=${units[i]}
    but='' # the image of the machines' program grows with every workload
    [ "$unit" != "$build/vm?*.o" ] || but="EXCLUDE_FILE($build/vm/image.o) "
    if holds "$unit" 'rodata(\.[^s][^ ]*)?'; then
        segments+=" r$i PT_LOAD FLAGS(4);"
        readonly_units+=" .rodata.$i ALIGN(4096) : { $unit($but.rodata $but.rodata.[!s]*) } :r$i"
    fi
    if holds "$unit" 'data[^ ]*'; then
        segments+=" d$i PT_LOAD FLAGS(6);"
        data_units+=" .data.$i ALIGN(4096) : { $unit($but.data $but.data.*) } :d$i"
    fi
    bss_units+=" . = ALIGN(4096); $unit($but.bss $but.bss.* COMMON)"
done
printf '#define UNIT_SEGMENTS%s\n#define RODATA_UNITS%s\n#define DATA_UNITS%s\n#define BSS_UNITS%s\n' \
    "$segments" "$readonly_units" "$data_units" "$bss_units"
