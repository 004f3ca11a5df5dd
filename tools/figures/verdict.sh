# Sourced by run-qemu.sh: the picture of a run with heat=1. Four panels over one time axis: what was accessed, what the tracker saw
# of it, where the pages lay, and what share of the requests the fast tier served. Figures of kind verdict stack such blocks.
# shellcheck shell=bash

# Pixels. Twice what a page like the README shows, so that text and cells stay crisp; a row of cells is a pixel there.
readonly VERDICT_WIDTH=1660 VERDICT_MAP=330 VERDICT_HITS=200 VERDICT_GAP=56 VERDICT_HEAD=90 VERDICT_FOOT=100
readonly VERDICT_BLOCK=$((VERDICT_HEAD + 3 * (VERDICT_MAP + VERDICT_GAP) + VERDICT_HITS + VERDICT_FOOT))

verdict_data() { # block's number, records
    jq -nr -L "$ROOT/tools/figures" -f "$ROOT/tools/figures/verdict.jq" "$2" >"$TMP/verdict" 2>/dev/null || return 1
    awk -F '\t' -v to="$TMP/verdict$1." '{ file = to $1; sub(/^[^\t]*\t/, ""); print >file }' "$TMP/verdict"
}

# Where a panel stands, in parts of the whole figure.
verdict_place() { # blocks, pixels from the top, height
    awk -v all=$(($1 * VERDICT_BLOCK)) -v top="$2" -v height="$3" \
        'BEGIN { printf "set tmargin at screen %.6f; set bmargin at screen %.6f\n", 1 - top / all, 1 - (top + height) / all }'
}

verdict_phases() { # "ms name,ms name"; '-' for one whose name has no room
    local ms name style tag=10
    while read -r ms name; do
        [ -n "$ms" ] || continue
        for style in "lc rgb 'white' lw 3" "lc rgb 'black' dt 3 lw 3"; do # to be seen on light and on dark
            echo "set arrow from first $ms,graph 0 to first $ms,graph 1 nohead front $style"
        done
        [ "$name" = - ] || echo "set label $((tag += 1)) \"$name\" at first $ms,graph 1 left offset -0.3,0.6 noenhanced"
    done < <(tr ',' '\n' <<<"$1")
}

# gnuplot's commands for a map, within the panel that is set. A logarithmic scale has no zero: what is below its end, none included, is darkest.
verdict_map() { # file, title, most (none: per cent), columns, from ms, span ms, MiB a row, height of the title in lines
    local data least
    data="'$1' matrix using ($5+(\$1+0.5)*$6/$4):((\$2+0.5)*$7):3 with image notitle"
    echo "set label 1 \"$2\" at graph 0,1 left offset 0,${8:-0.7}"
    if [ -n "$3" ]; then
        least=$(awk -v most="$3" 'BEGIN { print (most > 10000 ? most / 10000 : 1) }')
        echo "set logscale cb; set cbrange [$least:$(awk -v most="$3" 'BEGIN { print (most > 10 ? most : 10) }')]"
        data=${data/:3 with/:(\$3 > $least ? \$3 : \$3 >= 0 ? $least : NaN) with}
    else
        echo "unset logscale cb; set cbrange [0:100]"
    fi
    echo "plot ${data//\\/}"
}

verdict_block() { # number, blocks
    local workload policy tracker from span columns mib row most seen cell phases top=$(($1 * VERDICT_BLOCK + VERDICT_HEAD)) name=$TMP/verdict$1
    local step=$((VERDICT_MAP + VERDICT_GAP))
    IFS=$'\t' read -r workload policy tracker from span columns mib row most seen cell phases <"$name.label"
    cat <<END
unset label; unset arrow
set object 1 rectangle from graph 0,0 to graph 1,1 behind fillcolor rgb '#bbbbbb' fillstyle solid noborder
set xrange [$from:$(awk "BEGIN { print $from + $span }")]; set yrange [0:$mib]
set format x ''; set ylabel 'address (MiB)' offset 1.2,0; set xlabel ''
$(verdict_place "$2" $top $VERDICT_MAP)
$(verdict_phases "$phases")
$(verdict_map "$name.truth" "{/:Bold $workload} under $policy, truth: accesses of a cell of $cell" "$most" "$columns" "$from" "$span" "$row" 2)
unset label; unset arrow
$(verdict_phases "$(sed 's/ [^,]*/ -/g' <<<"$phases")")
$(verdict_place "$2" $((top + step)) $VERDICT_MAP)
$(if [ "$tracker" = none ]; then
        echo "set label 3 'no tracker' at graph 0.5,0.5 center front"
        verdict_map "$name.seen" "verdict" 1 "$columns" "$from" "$span" "$row"
    else
        verdict_map "$name.seen" "verdict: what the tracker $tracker saw, sum of weights" "$seen" "$columns" "$from" "$span" "$row"
    fi)
unset label 3
$(verdict_place "$2" $((top + 2 * step)) $VERDICT_MAP)
$(verdict_map "$name.fast" "placement: pages in the fast tier (% of a cell)" '' "$columns" "$from" "$span" "$row")
unset label 1; unset object 1
$(verdict_place "$2" $((top + 3 * step)) $VERDICT_HITS)
set label 1 "requests served by the fast tier (%)" at graph 0,1 left offset 0,0.7
set format x '%g'; set xlabel 'time (modelled ms)' offset 0,0.3; set ylabel '%' offset 1.2,0; set yrange [0:100]; set grid y
plot '$name.hits' using 1:2 with lines lw 3 lt 2 notitle
unset grid
END
}

verdict_figure() { # title, blocks: draws what verdict_data has left as $TMP/figure.svg and .png
    local block height=$(($2 * VERDICT_BLOCK))
    {
        echo "set lmargin at screen 0.08; set rmargin at screen 0.885; unset key; set tics out nomirror"
        echo "set format cb '%.0s%c'; set border lw 1.5"
        printf 'set multiplot title "%s"\n' "$1"
        for ((block = 0; block < $2; block++)); do verdict_block $block "$2"; done
        echo 'unset multiplot'
    } | figure_files "$VERDICT_WIDTH" "$height" 22
}

exp_verdict() { # of an experiment: a block a cell of the matrix, first seed
    local n blocks=0 seen=' ' first=${RUN_ROW[0]##*$'\t'}
    for n in "${!RUN_PLACE[@]}"; do
        [[ $seen != *" ${RUN_PLACE[n]} "* ]] && [ "${RUN_ROW[n]##*$'\t'}" = "$first" ] || continue
        seen+="${RUN_PLACE[n]} "
        verdict_data $blocks "$results/${RUN_PLACE[n]}/records.jsonl" || return 1
        blocks=$((blocks + 1))
    done
    verdict_figure "" $blocks
}

# Of a single run: heat.png and heat.svg beside its records. A convenience: without gnuplot the run is still worth its records.
run_verdict() { # records
    local file name
    if ! command -v gnuplot >/dev/null; then
        echo "no picture: gnuplot is missing (Debian: gnuplot-nox); ./run-qemu.sh heat shows it here"
        return
    fi
    verdict_data 0 "$1" && verdict_figure "" 1 || failed_step 1 "gnuplot drew no picture of $1"
    name=${1##*/}
    name=${1%/*}/heat${name#records}
    for file in svg png; do
        cp "$TMP/figure.$file" "${1%/*}/.new.${TMP##*/}" && mv -T "${1%/*}/.new.${TMP##*/}" "${name%.jsonl}.$file" ||
            fail "$BAD_FILE" "${1%/*} cannot be written"
    done
    echo "picture: ${name%.jsonl}.png"
}
