# The colours of all figures, loaded by gnuplot.
#
# Series: the nine of Paul Tol's scheme "muted", which stay apart also for the colour-blind (P. Tol, Colour Schemes, SRON
# technical note SRON/EPS/TN/09-002, issue 3.2, 2021). His order, but that the two palest come last; marks differ, too.
set linetype 1 lc rgb '#CC6677' pt 7
set linetype 2 lc rgb '#332288' pt 5
set linetype 3 lc rgb '#117733' pt 9
set linetype 4 lc rgb '#882255' pt 11
set linetype 5 lc rgb '#44AA99' pt 13
set linetype 6 lc rgb '#999933' pt 6
set linetype 7 lc rgb '#AA4499' pt 4
set linetype 8 lc rgb '#DDCC77' pt 8
set linetype 9 lc rgb '#88CCEE' pt 10
set linetype cycle 9

# Heat: inferno (S. van der Walt and N. Smith, matplotlib, 2015). Dark is few, light is many, and equal steps look equal,
# also without colours.
set palette defined (0 '#000004', 1 '#1b0c42', 2 '#4b0c6b', 3 '#781c6d', 4 '#a52c60', 5 '#cf4446', 6 '#ed6925', \
    7 '#fb9a06', 8 '#f7d03c', 9 '#fcffa4')
