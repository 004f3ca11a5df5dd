# Sourced by run-qemu.sh: an experiment's figure. Data in blocks, one a series; gnuplot draws them, once as SVG, once as PNG.
# shellcheck shell=bash

figure_label() { # field
    awk -F '\t' -v field="$1" '$1 == field { print $2; found = 1; exit } END { if (!found) print field }' \
        "$ROOT/tools/figures/labels.tsv"
}

# One panel's data: a block a series, lines of x, xmin, xmax, y, ymin, ymax; and the series' names, one a line.
figure_data() { # panel's number, y, filter words
    jq -rs --arg kind "${EXP[figure]}" --arg x "${EXP[x]}" --arg y "$2" --arg filter "$3" --arg base "${EXP[base]-}" \
        --arg panel "$1" -f "$ROOT/tools/figures/series.jq" "$TMP/records.jsonl" >"$TMP/series" || return 1
    awk -F '\t' -v data="$TMP/panel$1.dat" -v names="$TMP/panel$1.names" '
        BEGIN { printf "" >data; printf "" >names }
        $1 != last { if (NR > 1) printf "\n\n" >data; print $1 >names; last = $1 }
        { for (i = 2; i <= NF; i++) printf "%s%s", $i, i < NF ? "\t" : "\n" >data }' "$TMP/series"
    # Published points of this field, from lines: field, series, x, y.
    : >"$TMP/paper$1.names"
    : >"$TMP/paper$1.dat"
    [ -z "${EXP[paper]-}" ] || grep -v '^#' "$EXP_DIR/${EXP[paper]}" | awk -F '\t' -v field="$2" -v filter="$3" \
        -v data="$TMP/paper$1.dat" -v names="$TMP/paper$1.names" '
        NF < 4 || $1 != field || ($5 != "" && index(" " filter " ", " " $5 " ") == 0) { next }
        $2 != last { if (last != "") printf "\n\n" >data; print $2 >names; last = $2 }
        { print $3 "\t" $4 >data }'
}

figure_title() { # series: a single one without a name needs no legend
    if [ "$1" = - ]; then echo notitle; else echo "title \"$1\" noenhanced"; fi
}

# Curves' names where they end, as gnuplot's labels, when no two ends of a panel are closer than a line of text; else nothing, and
# the legend names them.
figure_ends() { # panel's number
    awk -F '\t' -v names="$TMP/panel$1.names" -v log_y="$([[ ${EXP[log]-} != *y* ]] || echo 1)" '
        function place(y) { return log_y ? (y > 0 ? log(y) : -30) : y }
        BEGIN { while ((getline name <names) > 0) label[n++] = name; series = 0 }
        NF < 4 { if (last) series++; last = 0; next }
        { last = 1; x[series] = $1; y[series] = $4; at = place($4)
          if (!seen++ || at > top) top = at
          if (seen == 1 || at < bottom) bottom = at }
        END {
            for (i = 0; i < n; i++) for (j = 0; j < i; j++) {
                apart = place(y[i]) - place(y[j])
                if ((apart < 0 ? -apart : apart) < 0.055 * (top - bottom)) exit
            }
            if (top == bottom || (n == 1 && label[0] == "-")) exit
            for (i = 0; i < n; i++)
                printf "set label %d \"%s\" at %s,%s left offset 0.9,0 noenhanced tc lt %d\n", i + 1, label[i], x[i], y[i], i + 1
        }' "$TMP/panel$1.dat"
}

figure_plot() { # panel's number, y, filter: gnuplot's commands for one panel
    local n=$1 y=$2 filter=$3 name i=0 style="" plots=() xlabel ends=''
    xlabel=${EXP[xlabel]-$(figure_label "${EXP[x]}")}
    printf 'set title "%s" noenhanced\n' "$filter"
    printf 'set ylabel "%s" noenhanced\n' "$(figure_label "$y")"
    if [ "${EXP[figure]}" = bar ]; then
        printf 'set xlabel ""\nset xtics rotate by -35 noenhanced\n'
        # A bar's length is its value; on a logarithmic axis what is negative or below a thousandth has none.
        if [[ ${EXP[log]-} == *y* ]]; then echo 'set yrange [0.001:*]'; else echo 'set yrange [* < 0:0 < *]'; fi
        awk -F '\t' 'BEGIN { printf "set xtics (" } NF > 2 && !($1 in seen) { seen[$1]; printf "%s\"%s\" %s", sep, $7, $1; sep = ", " }
            END { print ")" }' "$TMP/panel$n.dat"
        awk -F '\t' 'NF > 2 { if ($1 > top) top = $1 } END { print "set xrange [-0.6:" top + 0.6 "]" }' "$TMP/panel$n.dat"
    else
        printf 'set xlabel "%s"\n' "$xlabel"
    fi
    [ "${EXP[figure]}" != line ] || [ -s "$TMP/paper$n.names" ] || ends=$(figure_ends "$n")
    echo 'unset label; set key on; set rmargin -1'
    [ -z "$ends" ] || printf 'set key off; set rmargin 14\n%s\n' "$ends"
    local count
    count=$(wc -l <"$TMP/panel$n.names")
    while IFS= read -r name; do
        case ${EXP[figure]} in
        line) style="using 1:4:5:6 with yerrorlines lw 1.5 ps 0.7 lt $((i + 1)) dt $((i / 9 + 1))" ;;
        ranked)
            style="using 1:4 with lines lw 1.8 lt $((i + 1))"
            [ "$name" != truth ] || style="using 1:4 with lines lw 2 dt 2 lc rgb 'black'"
            ;;
        scatter) style="using 1:4:2:3:5:6 with xyerrorbars ps 1.2 lt $((i + 1))" ;;
        bar) style="using (\$1+($i-($count-1)/2.0)*0.8/$count):4:5:6:(0.75/$count) with boxerrorbars fs solid 0.7 lt $((i + 1))" ;;
        esac
        plots+=("'$TMP/panel$n.dat' index $i $style $(figure_title "$name")")
        # A series' points belong together: a thin line from the cheapest to the dearest.
        [ "${EXP[figure]}" != scatter ] ||
            plots+=("'$TMP/panel$n.dat' index $i using 1:4 with lines lw 0.6 dt 2 lt $((i + 1)) notitle")
        i=$((i + 1))
    done <"$TMP/panel$n.names"
    i=0
    while IFS= read -r name; do
        plots+=("'$TMP/paper$n.dat' index $i using 1:2 with linespoints pt $((i + 64)) dt 3 lc rgb 'black' title \"$name\" noenhanced")
        i=$((i + 1))
    done <"$TMP/paper$n.names"
    (IFS=,; echo "plot ${plots[*]}")
}

# Draws $TMP/figure.svg and .png by gnuplot's commands on standard input: width and height in pixels, points of the SVG's font.
figure_files() {
    local terminal kind points=$3
    cat >"$TMP/figure.commands"
    for terminal in svg png; do
        kind=svg
        [ $terminal = svg ] || kind=pngcairo points=$(($3 - 2))
        {
            echo "set terminal $kind size $1,$2 font 'Helvetica,$points' background rgb 'white'"
            printf "set output '%s'\nset encoding utf8\nload '%s'\n" "$TMP/figure.$terminal" "$ROOT/tools/figures/palette.gp"
            cat "$TMP/figure.commands"
        } >"$TMP/figure.gp"
        gnuplot -d "$TMP/figure.gp" >"$TMP/gnuplot.log" 2>&1 || { cat "$TMP/gnuplot.log" >&2; return 1; }
        [ -s "$TMP/figure.$terminal" ] || return 1
    done
}

exp_figure() {
    case ${EXP[figure]} in
    heat) heat_figure && return || return 1 ;;
    verdict) exp_verdict && return || return 1 ;;
    grid | course) grid_figure && return || return 1 ;;
    esac
    local panel line y filter n=0 rows columns=1 height
    for panel in "${EXP_PANELS[@]}"; do
        read -r line y filter <<<"$panel"
        figure_data $n "$y" "$filter" || return 1
        [ -s "$TMP/panel$n.names" ] || $exp_reduced ||
            echo "tierlab: ${EXP_FILE##*/}:$line: no run has a $y${filter:+ with $filter}: its panel is empty" >&2
        n=$((n + 1))
    done
    [ $n -le 1 ] || columns=2
    rows=$(((n + columns - 1) / columns))
    height=$((rows * 420 + 40))
    {
        echo 'set grid; set key outside right top samplen 2 spacing 1.1; set bars small'
        # On a logarithmic axis, and for sizes, the values themselves are better marks than powers of ten.
        [[ ${EXP[log]-} != *x* && ! ${EXP_VALUES[${EXP[x]}]-} =~ [0-9][KMG] ]] || [ "${EXP[figure]}" != line ] || {
            echo 'set xtics rotate by -35'
            awk -F '\t' 'BEGIN { printf "set xtics (" } NF > 2 && !($1 in seen) {
                    seen[$1]
                    mark = $1 % 1048576 == 0 ? $1 / 1048576 "M" : $1 % 1024 == 0 ? $1 / 1024 "K" : $1
                    printf "%s\"%s\" %s", sep, mark, $1
                    sep = ", "
                }
                END { print ")" }' "$TMP"/panel*.dat
        }
        case ${EXP[log]-} in x) echo 'set logscale x' ;; y) echo 'set logscale y' ;; xy) echo 'set logscale xy' ;; esac
        echo 'set xzeroaxis lt -1 lw 0.5'
        [ "${EXP[figure]}" != ranked ] || echo 'set yrange [0:100]'
        printf 'set multiplot layout %d,%d title "%s"\n' $rows $columns "${EXP[title]}"
        n=0
        for panel in "${EXP_PANELS[@]}"; do
            read -r line y filter <<<"$panel"
            [ ! -s "$TMP/panel$n.names" ] || figure_plot $n "$y" "$filter"
            n=$((n + 1))
        done
        echo 'unset multiplot'
    } | figure_files $((columns * 640)) "$height" 13
}
