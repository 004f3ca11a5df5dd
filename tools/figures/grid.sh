# Sourced by run-qemu.sh: figures of kind grid and course. Rows are sets (policies), columns cases, values of an axis or time; colour
# is the value, and each row's mean stands beside.
# shellcheck shell=bash

grid_data() { # panel's number, y, filter
    jq -rs --arg kind "${EXP[figure]}" --arg x "${EXP[x]-}" --arg y "$2" --arg filter "$3" --arg base "${EXP[base]-}" \
        --arg log "${EXP[log]-}" --arg order "${EXP[order]-}" -f "$ROOT/tools/figures/grid.jq" "$TMP/records.jsonl" >"$TMP/grid$1" &&
        awk -F '\t' -v cells="$TMP/grid$1.cells" -v rows="$TMP/grid$1.rows" '
            BEGIN { printf "" >cells; printf "" >rows }
            $1 == "cell" { print $2 "\t" $3 "\t" $4 "\t" $5 "\t" $6 >cells }
            $1 == "row" { print $2 "\t" $3 "\t" $4 "\t" $5 >rows }' "$TMP/grid$1"
}

# gnuplot's commands for one panel, which begins so many pixels below the top.
grid_panel() { # panel's number, y, filter, pixels to its top, height of all, width
    local n=$1 rows columns least most top bottom right title ink
    rows=$(wc -l <"$TMP/grid$n.rows")
    columns=$(grep -c '^column' "$TMP/grid$n")
    IFS=$'\t' read -r _ least most < <(grep '^scale' "$TMP/grid$n")
    read -r top bottom right < <(awk -v top="$4" -v all="$5" -v rows="$rows" -v each=$GRID_ROW -v left=$GRID_LEFT -v beside=$GRID_BESIDE -v w="$6" \
        'BEGIN { print 1 - top / all, 1 - (top + rows * each) / all, (w - beside) / w }')
    title=$3
    cat <<END
unset label; unset arrow; unset object
set tmargin at screen $top; set bmargin at screen $bottom; set lmargin at screen $(awk "BEGIN { print $GRID_LEFT / $6 }"); set rmargin at screen $right
set object 1 rectangle from graph 0,0 to graph 1,1 behind fillcolor rgb '#bbbbbb' fillstyle solid noborder
set xrange [-0.5:$columns-0.5]; set yrange [-$rows-0.5:-0.5]
set label "${title//\"/}" at graph 0,1 left offset 0,$([ "${EXP[figure]}" = course ] && echo 1.8 || echo 4.2) noenhanced
$(if [ -n "${EXP[log]-}" ]; then echo 'set logscale cb'; else echo 'unset logscale cb'; fi)
set cbrange [$least:$(awk "BEGIN { print ($most > $least ? $most : $least + 1) }")]
set colorbox horizontal user origin screen $(awk "BEGIN { print $GRID_LEFT / $6 }"),screen $(awk "BEGIN { print $bottom - 26 / $5 }") size screen $(awk "BEGIN { print $right - $GRID_LEFT / $6 }"),screen $(awk "BEGIN { print 9 / $5 }")
set cblabel "$(figure_label "$2")" noenhanced; set format cb "%g"; $([ -z "${EXP[log]-}" ] || echo 'set cbtics (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 15, 20)')
set ytics ($(awk -F '\t' '{ printf "%s\"%s\" %d", sep, $2, $1; sep = ", " }' "$TMP/grid$n.rows")) scale 0 noenhanced
END
    if [ "${EXP[figure]}" = course ]; then
        echo 'unset x2tics; set xlabel ""'
        awk -F '\t' '$1 == "column" { last = $2; if ($2 % 10 == 0) { printf "%s\"%s\" %g", n++ ? ", " : "set x2tics (", $3 (n == 1 ? " ms" : ""), $2 - 0.5 } }
            END { print ") scale 0.5 norotate" }' "$TMP/grid$n"
    else
        awk -F '\t' '$1 == "column" { printf "%s\"%s\" %d", n++ ? ", " : "set x2tics (", $3, $2 } END { print ") scale 0 rotate by 35 left noenhanced" }' "$TMP/grid$n"
    fi
    echo "set x2range [-0.5:$columns-0.5]"
    # A line between those that know the truth and the others.
    awk -F '\t' 'was == "true" && $4 != "true" { printf "set arrow from graph 0,first %g to graph 1,first %g nohead front lw 2 lc rgb \"white\"\n", $1 + 0.5, $1 + 0.5 } { was = $4 }' \
        "$TMP/grid$n.rows"
    awk -F '\t' '$1 == "move" { printf "set arrow from first %g,graph 0 to first %g,graph 1 nohead front lw 1.5 dt 3 lc rgb \"white\"\n", $2, $2 }' "$TMP/grid$n"
    printf "plot '%s' using 1:2:3 with image notitle" "$TMP/grid$n.cells"
    [ "${EXP[figure]}" = course ] || for ink in white black; do
        printf ", '< grep %s\$ %s' using 1:2:4 with labels tc rgb '%s' font ',9' notitle" $ink "$TMP/grid$n.cells" $ink
    done
    cat <<END

unset label; unset arrow; unset object; unset colorbox; unset x2tics; unset ytics
set lmargin at screen $(awk "BEGIN { print $right + 8 / $6 }"); set rmargin at screen $(awk "BEGIN { print ($6 - 46) / $6 }")
set xrange [0:*]; set label "$(if [ "${EXP[figure]}" = course ]; then echo "time / ${EXP[base]-base}'s"; else echo 'geometric mean'; fi)" at graph 0,1 left offset 0,0.6
set style fill solid 0.8 noborder
plot '$TMP/grid$n.rows' using (0):1:(0):3:(\$1-0.4):(\$1+0.4) with boxxyerror lc rgb '#88CCEE' notitle, \
    '' using (0):1:(sprintf(" %.2f", \$3)) with labels left font ',9' notitle
END
}

readonly GRID_ROW=19 GRID_LEFT=150 GRID_BESIDE=150 # pixels: a row, its name, the means

grid_figure() {
    local panel y filter n=0 columns rows width=0 height=0 tops=() head=40
    [ "${EXP[figure]}" = course ] || head=110 # names of columns stand aslant
    for panel in "${EXP_PANELS[@]}"; do
        read -r _ y filter <<<"$panel"
        grid_data $n "$y" "$filter" || return 1
        rows=$(wc -l <"$TMP/grid$n.rows")
        columns=$(grep -c '^column' "$TMP/grid$n")
        [ "${EXP[figure]}" != course ] || columns=$((columns / 3 + 1))
        [ "$width" -ge $((columns * 44)) ] || width=$((columns * 44))
        tops+=($((height + head + 30)))
        height=$((height + head + rows * GRID_ROW + 100))
        n=$((n + 1))
    done
    width=$((width + GRID_LEFT + GRID_BESIDE))
    [ $width -ge 520 ] || width=520
    {
        echo 'unset key; unset grid; unset xtics; set border 0'
        printf 'set multiplot title "%s"\n' "${EXP[title]}"
        n=0
        for panel in "${EXP_PANELS[@]}"; do
            read -r _ y filter <<<"$panel"
            [ ! -s "$TMP/grid$n.rows" ] || grid_panel $n "$y" "$filter" "${tops[n]}" $height $width
            n=$((n + 1))
        done
        echo 'unset multiplot'
    } | figure_files "$width" "$height" 12
}
