# Sourced by run-qemu.sh: the machine that QEMU plays. Two sizes and a preset decide all of it.
# shellcheck shell=bash

readonly MIB=$((1 << 20))
readonly DEFAULT_PRESET=ddr4-clx+optane100-x6

# Bytes of a size like 32M, into the variable named by the first argument.
parse_size() { # variable, key, text
    local -n bytes_out=$1
    local number unit=1

    [[ $3 =~ ^([0-9]+)([KMG]?)$ ]] || fail "$REFUSED" "key $2: '$3' is not a size; 32M, 1G or 4096K is right"
    number=${BASH_REMATCH[1]}
    case ${BASH_REMATCH[2]} in
    K) unit=$((1 << 10)) ;;
    M) unit=$((1 << 20)) ;;
    G) unit=$((1 << 30)) ;;
    esac
    # Longer numbers would overflow below; no machine has that much.
    [ "${#number}" -le 12 ] && [ $((10#$number)) -le $(((1 << 42) / unit)) ] ||
        fail "$UNFIT" "key $2: '$3' exceeds what a host can have"
    # shellcheck disable=SC2034 # a reference to the caller's variable
    bytes_out=$((10#$number * unit))
    [ "$bytes_out" -gt 0 ] || fail "$REFUSED" "key $2: '$3' leaves the tier empty; at least 4K is needed"
    [ $((bytes_out % 4096)) -eq 0 ] || fail "$REFUSED" "key $2: '$3' is not a whole number of 4 KiB pages"
}

# Bytes of a size like 32M; anything else, plain numbers included, as it is.
in_bytes() { # text
    [[ $1 =~ ^([0-9]{1,9})([KMG])$ ]] || { echo "$1" && return; }
    case ${BASH_REMATCH[2]} in
    K) echo $((10#${BASH_REMATCH[1]} << 10)) ;;
    M) echo $((10#${BASH_REMATCH[1]} << 20)) ;;
    G) echo $((10#${BASH_REMATCH[1]} << 30)) ;;
    esac
}

round_up() { # number: to a multiple of 2 MiB
    echo $((($1 + 2 * MIB - 1) / (2 * MIB) * (2 * MIB)))
}

host_available() {
    awk '$1 == "MemAvailable:" { printf "%.0f\n", $2 * 1024 }' /proc/meminfo
}

# Sets input, input_bytes and input_id from the key, or refuses.
machine_input() {
    input=${KEYS[input]-}
    input_bytes=0
    input_id=''
    [ -n "$input" ] || return 0
    [ -f "$input" ] && [ -r "$input" ] || fail "$BAD_FILE" "key input: $input is not a file that can be read"
    input_bytes=$(stat -L -c %s "$input")
    [ "$input_bytes" -le $((256 * MIB)) ] || fail "$BAD_FILE" "key input: $input has $input_bytes bytes; 256 MiB are allowed. \
A trace shrinks by tools/to-trace: -b makes it binary, -s PAGES makes one page of so many"
    input=$(readlink -f "$input")
    input_id=$(sha256sum <"$input" | cut -c 1-16)
}

# Named machines: model/machines.tsv, one a line: name, keys, what it is.
machine_names() {
    [ ! -r "$MACHINES" ] || awk -F '\t' '/^#/ || NF < 3 || $1 == "name" { next } { printf "%s%s", sep, $1; sep = " " }' "$MACHINES"
}

machine_keys() { # name
    awk -F '\t' -v name="$1" '!/^#/ && $1 == name { print $2 }' "$MACHINES"
}

# Sets fast_bytes, slow_bytes, machine and total_bytes from the keys, or refuses.
machine_sizes() {
    local limit available need

    machine=${KEYS[machine]-pc}
    machine_named=$machine
    [ -z "$(machine_keys "$machine")" ] || machine=pc
    case $machine in
    pc) limit=$((3072 * MIB)) ;;  # above, QEMU 7.2 tells plugins wrong physical addresses
    q35) limit=$((2816 * MIB)) ;; # above, q35 splits memory around its PCI hole
    *) fail "$REFUSED" "key machine: '$machine' is unknown; pc or q35 is right" ;;
    esac
    parse_size fast_bytes fast "${KEYS[fast]-32M}"
    parse_size slow_bytes slow "${KEYS[slow]-192M}"
    # What the kernel itself uses: image, stacks, page tables, struct page, scores and logs per managed page.
    reserve_bytes=$(round_up $((24 * MIB + (fast_bytes + slow_bytes) / 16 + input_bytes)))
    # OVMF 2022.11 and GRUB take 9 MiB at the bottom of memory and 18 MiB at its top, whatever its size; newer ones may take more.
    firmware_low=0 firmware_high=0
    ! $uefi || firmware_low=$((16 * MIB)) firmware_high=$((32 * MIB))
    shm_bytes=$(shared_bytes)
    # And what the rounding in qemu_command adds at most.
    total_bytes=$((reserve_bytes + fast_bytes + slow_bytes + 8 * MIB + firmware_low + firmware_high))
    need="$((total_bytes / MIB)) MiB with the kernel's share"
    if [ $total_bytes -gt $limit ]; then
        fail "$UNFIT" \
            "keys fast and slow: $need, but machine=$machine takes at most $((limit / MIB)) MiB"
    fi
    available=$(host_available)
    if [ $((total_bytes + shm_bytes)) -gt "$available" ]; then
        fail "$UNFIT" \
            "keys fast and slow: $need, but this host has only $((available / MIB)) MiB available"
    fi
}

# Shared memory between guest and model: 64 KiB of header and 48 bytes a managed page; a PCI BAR is a power of two.
shared_bytes() {
    local need=$((65536 + (fast_bytes + slow_bytes) / 4096 * 48)) size=$MIB
    while [ $size -lt $need ]; do size=$((size * 2)); done
    echo $size
}

# One field of presets.tsv; columns are found by the name in the header line.
preset_field() { # preset, column
    awk -F '\t' -v name="$1" -v column="$2" '
        $1 == "name" { for (i = 1; i <= NF; i++) if ($i == column) at = i }
        at && $1 == name { print $at; found = 1; exit }
        END { exit !found }' "$PRESETS"
}

preset_names() {
    awk -F '\t' '/^#/ || /^[[:space:]]*$/ || $1 == "name" { next } { printf "%s%s", sep, $1; sep = " " }' "$PRESETS"
}

# Checks one row of presets.tsv as far as the launcher reads it; the model checks all of it. Prints latency and bandwidth as ACPI wants
# them: whole ns from 1 on, and MiB/s in 256ths of 65536, the 16 bits of a common power of two: from one module to 16 TiB/s.
# What is wrong is one line on standard output with status 7, an unknown name nothing with status 4.
preset_numbers() { # preset
    awk -F '\t' -v name="$1" '
        function bad(what) { printf "line %d, %s\n", NR, what; status = 7; exit }
        NR == 1 {
            for (i = 1; i <= NF; i++) at[$i] = i
            columns = split("read_ns seq_ns write_ns read_GBps write_GBps cores", column, " ")
            for (i = 1; i <= columns; i++) if (!(column[i] in at)) bad("column " column[i] " is missing")
        }
        status != 7 && NR > 1 && $1 == name {
            for (i = 1; i <= columns; i++) {
                text = $at[column[i]]
                if (column[i] == "seq_ns" && text == "-") continue
                if (text !~ /^[0-9]+(\.[0-9]+)?$/ || length(text) > 12 || text + 0 > 100000)
                    bad("column " column[i] ": \"" text "\" is not a number from 0 to 100000 with a point in it or without")
            }
            if ($at["read_ns"] + 0 == 0) bad("column read_ns: a latency of 0 is none")
            units = $at["read_GBps"] > 0 ? int($at["read_GBps"] * 1e9 / 1048576 / 256 + 0.5) : 4000 # 0 is unlimited: a terabyte a second
            ns = int($at["read_ns"] + 0.5)
            print ns < 1 ? 1 : ns, 256 * (units < 1 ? 1 : units)
            found = 1
            exit
        }
        END { exit status ? status : found ? 0 : 4 }' "$PRESETS"
}

# Sets latency and bandwidth of a tier from its preset, or refuses.
preset_tier() { # preset, variable for ns, variable for MiB/s
    local answer status
    answer=$(preset_numbers "$1")
    status=$?
    case $status in
    0) read -r "$2" "$3" <<<"$answer" ;;
    4) fail "$REFUSED" "key preset: '$1' is unknown; known: $(preset_names)" ;;
    *) fail "$BAD_FILE" "presets file $PRESETS, $answer" ;;
    esac
}

# Sets preset, fast_preset, slow_preset and what QEMU is told of them, or refuses.
machine_preset() {
    [ -f "$PRESETS" ] && [ -r "$PRESETS" ] || fail "$BAD_FILE" "presets file $PRESETS cannot be read"
    preset=${KEYS[preset]-$DEFAULT_PRESET}
    fast_preset=${preset%%+*}
    slow_preset=${preset#*+}
    [[ $preset =~ ^[^+]+\+[^+]+$ ]] || fail "$REFUSED" "key preset: '$preset' is not FAST+SLOW, as $DEFAULT_PRESET is"
    preset_tier "$fast_preset" fast_ns fast_mib
    preset_tier "$slow_preset" slow_ns slow_mib
    if [ "$fast_ns" -gt "$slow_ns" ]; then
        fail "$REFUSED" "key preset: $fast_preset is slower than $slow_preset; FAST+SLOW is right"
    fi
}

# A comma ends an option of QEMU's; a doubled one stands for itself.
quote() {
    echo "${1//,/,,}"
}

# Where the console goes: a file, which is watched; with somebody at a terminal, two pipes (tools/shell.sh).
console_chardev() { # directory of the boot, quoted
    if $at_terminal; then echo "pipe,id=console,path=${1%/*}/terminal"; else echo "file,id=console,path=$1/console"; fi
}

# Fills the array QEMU_COMMAND. The baselines all-fast and all-slow are the same machine with one tier grown to hold
# everything and the other shrunk to the least that still is a node. So is memory-mode: the model has what its cache holds.
qemu_command() { # directory of the boot, policy
    local dir least=$((2 * MIB)) node0 node1 distance lb
    dir=$(quote "$1")

    case $2 in
    all-fast) node0=$((fast_bytes + slow_bytes)) node1=$least ;;
    all-slow | memory-mode) node0=$least node1=$((fast_bytes + slow_bytes)) ;;
    *) node0=$fast_bytes node1=$slow_bytes ;;
    esac
    lb=initiator=0,hierarchy=memory
    node0=$(round_up $((reserve_bytes + node0 + firmware_low)))
    node1=$(round_up $((node1 + least + firmware_high))) # the firmware keeps its ACPI tables at the end of memory
    distance=$((10 * slow_ns / fast_ns))
    [ $distance -ge 11 ] || distance=11   # 10 is "local"
    [ $distance -le 254 ] || distance=254 # 255 is "unreachable"

    QEMU_COMMAND=("$qemu" -M "$machine,hmat=on" -smp 1 -m "$(((node0 + node1) / MIB))M"
        -nodefaults -no-user-config -net none -monitor none -parallel none -display none -no-reboot
        -chardev "$(console_chardev "$dir")" -serial chardev:console
        -chardev "file,id=records,path=$dir/records" -serial chardev:records
        -device isa-debug-exit,iobase=0xf4,iosize=4
        -rtc base=2020-01-01,clock=vm
        -object "memory-backend-ram,id=m0,size=$node0" -object "memory-backend-ram,id=m1,size=$node1"
        -numa node,nodeid=0,cpus=0,memdev=m0 -numa node,nodeid=1,memdev=m1,initiator=0
        -numa "dist,src=0,dst=1,val=$distance" -numa "dist,src=1,dst=0,val=$distance"
        -numa "hmat-lb,$lb,target=0,data-type=access-latency,latency=$fast_ns"
        -numa "hmat-lb,$lb,target=1,data-type=access-latency,latency=$slow_ns"
        -numa "hmat-lb,$lb,target=0,data-type=access-bandwidth,bandwidth=${fast_mib}M"
        -numa "hmat-lb,$lb,target=1,data-type=access-bandwidth,bandwidth=${slow_mib}M"
        -fw_cfg "name=opt/tierlab/keys,file=$dir/keys")
    ! $sandbox || QEMU_COMMAND+=(-sandbox "$SANDBOX")
    [ "$command" != shell ] || if $at_terminal; then
        QEMU_COMMAND+=(-fw_cfg name=opt/tierlab/terminal,string=1)
    else
        QEMU_COMMAND+=(-fw_cfg "name=opt/tierlab/script,file=${dir%/*}/script")
    fi
    [ -z "$input" ] || QEMU_COMMAND+=(-fw_cfg "name=opt/tierlab/input,file=$(quote "$input")")
    case $accel in
    tcg) QEMU_COMMAND+=(-accel tcg -cpu max -icount "shift=0,sleep=off") ;; # time is instructions, the same everywhere
    # QEMU cannot pass MSR 0x10a (arch-capabilities) on when it runs inside some virtual machines; the guest does not need it.
    kvm) QEMU_COMMAND+=(-accel kvm -cpu "host,-arch-capabilities") ;;
    esac
    if $model; then
        QEMU_COMMAND+=(-object "memory-backend-file,id=shm,size=$shm_bytes,mem-path=$dir/shm,share=on"
            -device ivshmem-plain,memdev=shm
            -plugin "$(quote "$MODEL"),shm=$dir/shm,keys=$dir/model-keys,presets=$(quote "$PRESETS")")
    fi
    if $iso; then QEMU_COMMAND+=(-cdrom "$ISO" -boot d); else QEMU_COMMAND+=(-kernel "$IMAGE"); fi
    ! $uefi || QEMU_COMMAND+=(-bios "$FIRMWARE")
    # Whoever reaches the debugger's port can run programs by its `monitor` command: a socket in this private directory, not TCP.
    ! $debug || QEMU_COMMAND+=(-S -chardev "socket,id=gdb,path=$dir/gdb,server=on,wait=off" -gdb chardev:gdb)
    QEMU_COMMAND+=(${qemu_args[@]+"${qemu_args[@]}"})
}

# What made a result, as a short hash: image, model, presets, QEMU, and what of the machine the guest cannot see.
compute_ids() {
    local file files=("$IMAGE" "$PRESETS")
    ! $model || files+=("$MODEL")
    ! $uefi || files+=("$FIRMWARE")
    {
        for file in "${files[@]}"; do sha256sum <"$file"; done
        printf '%s\n' "$qemu_version" "$machine" "$accel" "$iso" ${qemu_args[@]+"${qemu_args[@]}"}
    } | sha256sum | cut -c 1-16
}
