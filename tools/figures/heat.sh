# Sourced by run-qemu.sh: the figure of kind heat. A row a run (first seed): on the left its accesses by address and time, on the
# right the share of all accesses that the hottest pages have.
# shellcheck shell=bash

readonly HEAT_WIDTH=1000 HEAT_ROW=214 HEAT_HEAD=30 # pixels: cells of a map are then 5 by 1

# The data of one row, from a line of records: cells as "ms MiB accesses" (NaN where there was none), pages as "% %".
heat_data() { # row's number, record
    jq -r '(.heat.span_ns / 1e6 / (.heat.cells | length)) as $ms | (.bin_pages / 256) as $mib | .heat.cells | to_entries[] |
        .key as $c | .value | to_entries[] | "\(($c + 0.5) * $ms) \((.key + 0.5) * $mib) \(if .value > 0 then .value else "NaN" end)"' \
        <<<"$2" >"$TMP/heat$1.cells" &&
        jq -r '.heat_pages[] | "\(.[0]) \(.[1])"' <<<"$2" >"$TMP/heat$1.pages" &&
        jq -r -f "$ROOT/tools/figures/heat.jq" <<<"$2" >"$TMP/heat$1.label"
}

# gnuplot's commands for one row; its panels stand at fixed places, so that all rows' axes are in line.
heat_row() { # row's number, rows
    local title ms mib most cell phases ms_at name line top bottom
    IFS=$'\t' read -r title ms mib most cell phases <"$TMP/heat$1.label"
    read -r top bottom < <(awk -v row="$1" -v rows="$2" -v head=$HEAT_HEAD -v each=$HEAT_ROW 'BEGIN {
        all = head + rows * each
        print 1 - (head + row * each + 40) / all, 1 - (head + (row + 1) * each - 46) / all }')
    cat <<END
set tmargin at screen $top; set bmargin at screen $bottom; set lmargin at screen 0.06; set rmargin at screen 0.56
unset logscale; unset grid; unset arrow; unset label
set object 1 rectangle from graph 0,0 to graph 1,1 behind fillcolor rgb '#000004' fillstyle solid noborder
set label "{/:Bold $title}   a cell is $cell" at graph 0,1 left offset 0,1.5
set xlabel "time (modelled ms)" offset 0,0.6; set ylabel "address (MiB)" offset 1.2,0
set xrange [0:$ms]; set yrange [0:$mib]
set logscale cb; set cbrange [$(awk "BEGIN { print ($most > 10000 ? $most / 10000 : 1) }"):$(awk "BEGIN { print ($most > 10 ? $most : 10) }")]
set colorbox user origin screen 0.57,screen $bottom size screen 0.012,screen $(awk "BEGIN { print $top - $bottom }")
set cblabel "accesses a cell" offset 1.3,0
END
    # Where phases follow closely, heat.jq has left the names out but the first's.
    while IFS=$'\t' read -r ms_at name; do
        [ -n "$ms_at" ] || continue
        for line in "lc rgb 'white' lw 2" "lc rgb 'black' dt 3 lw 2"; do # to be seen on light and on dark
            echo "set arrow from first $ms_at,graph 0 to first $ms_at,graph 1.04 nohead front $line"
        done
        [ "$name" = - ] || echo "set label \"$name\" at first $ms_at,graph 1 left offset 0.2,0.5 noenhanced font ',9'"
    done < <(tr ',' '\n' <<<"$phases" | sed 's/ /\t/')
    echo "plot '$TMP/heat$1.cells' using 1:2:3 with image notitle"
    cat <<END
set lmargin at screen 0.71; set rmargin at screen 0.985
unset arrow; unset label; unset object; unset logscale; set logscale x; set grid
set label "dashed: if all pages were equal" at graph 0,1 left offset 0,0.6 font ',9'
set xlabel "pages, hottest first (%)"; set ylabel "accesses (%)" offset 1.2,0
set xrange [0.01:100]; set yrange [0:100]
plot x with lines dt 2 lc rgb '#888888' notitle, '$TMP/heat$1.pages' using 1:2 with lines lw 2 lt 2 notitle
END
}

heat_figure() {
    local record rows=0 row height
    jq -c 'select(.heat) | {key: "\(.set) \(.case) \(.keys)", value: .}' "$TMP/records.jsonl" |
        jq -cs 'reduce .[] as $r ({}; .[$r.key] //= $r.value) | .[]' >"$TMP/heat"
    while IFS= read -r record; do
        heat_data $rows "$record" || return 1
        rows=$((rows + 1))
    done <"$TMP/heat"
    height=$((HEAT_HEAD + rows * HEAT_ROW))
    {
        echo 'unset key; set format x "%g"; set format cb "%.0s%c"'
        printf 'set multiplot title "%s"\n' "${EXP[title]}"
        for ((row = 0; row < rows; row++)); do heat_row $row $rows; done
        echo 'unset multiplot'
    } | figure_files "$HEAT_WIDTH" "$height" 12
}
