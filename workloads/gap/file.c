/*
 * The four text forms of graphs that the GAP Benchmark Suite reads, told apart by their first lines, since names of
 * files do not reach the guest. Words are separated by blanks; empty lines are passed over.
 *
 *      .el     U V                         an edge a line, vertices from 0; comments begin with # or % (the original
 * has none) .wel    U V WEIGHT                  the same with weights, which these programs have no use for .mtx
 * %%MatrixMarket matrix coordinate real|double|integer|pattern general|symmetric|skew-symmetric % comment ROWS COLUMNS
 * ENTRIES        square ROW COLUMN [VALUE]          exactly ENTRIES of them, from 1; no value with pattern .gr     c
 * comment                   ("9th DIMACS Implementation Challenge: Shortest Paths", 2006) p sp VERTICES ARCS a U V
 * WEIGHT                exactly ARCS of them, from 1
 *
 * As in the original, numbers from 1 become numbers from 0, and there are as many vertices as the highest one says, not
 * as a head does. The graph is taken for undirected, as by the original's option -s, so a symmetric matrix needs no
 * second edge.
 */
#include "workloads/gap/file.h"
#include "kernel/exit.h"
#include "lib/string.h"

enum form { FORM_LIST, FORM_WEIGHTED, FORM_MATRIX, FORM_CHALLENGE };

struct reader {
    const char *rest, *end; /* of the file, behind this line */
    const char *at, *stop;  /* of this line */
    u64 line;
    enum form form;
    bool valued;           /* a number follows an edge's ends */
    bool has_head;         /* the line with sizes has been read */
    u32 first, last;       /* vertices' numbers in this form */
    u64 promised, counted; /* edges */
};

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->stop && blank(*r->at))
        r->at++;
}

/* Moves on to the next line that is not empty. */
static bool next_line(struct reader *r)
{
    do {
        if (r->rest == r->end)
            return false;
        r->line++;
        r->at = r->stop = r->rest;
        while (r->stop < r->end && *r->stop != '\n')
            r->stop++;
        r->rest = r->stop < r->end ? r->stop + 1 : r->end;
        skip_blanks(r);
    } while (r->at == r->stop);
    return true;
}

static u64 read_number(struct reader *r, const char *what, u64 least, u64 most)
{
    u64 value = 0;
    const char *start;

    skip_blanks(r);
    start = r->at;
    for (; r->at < r->stop && *r->at >= '0' && *r->at <= '9'; r->at++)
        value = value > most ? value : value * 10 + (u64)(*r->at - '0');
    if (r->at == start || (r->at < r->stop && !blank(*r->at)))
        refuse("input: line %lu: no whole number where %s should be", r->line, what);
    if (value < least || value > most)
        refuse("input: line %lu: %s must be from %lu to %lu", r->line, what, least, most);
    return value;
}

/* A weight or value, which may have a sign, a fraction and an exponent. */
static void skip_value(struct reader *r)
{
    bool digit = false;

    skip_blanks(r);
    for (; r->at < r->stop && !blank(*r->at); r->at++) {
        char c = *r->at;
        digit = digit || (c >= '0' && c <= '9');
        if (!(c >= '0' && c <= '9') && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E')
            refuse("input: line %lu: no number where a weight should be", r->line);
    }
    if (!digit)
        refuse("input: line %lu: no number where a weight should be", r->line);
}

static void end_line(struct reader *r)
{
    skip_blanks(r);
    if (r->at < r->stop)
        refuse("input: line %lu: more on the line than belongs there", r->line);
}

/* Whether the next word is this one, in whatever case; if so, it is passed over. */
static bool skip_word(struct reader *r, const char *word)
{
    const char *at;

    skip_blanks(r);
    for (at = r->at; *word; at++, word++)
        if (at == r->stop || (*at >= 'A' && *at <= 'Z' ? *at + 'a' - 'A' : *at) != *word)
            return false;
    if (at < r->stop && !blank(*at))
        return false;
    r->at = at;
    return true;
}

/* --- heads ------------------------------------------------------------------------------------------------------ */

static void read_banner(struct reader *r)
{
    r->form = FORM_MATRIX;
    if (!skip_word(r, "%%matrixmarket") || !skip_word(r, "matrix") || !skip_word(r, "coordinate"))
        refuse("input: line %lu: not %%%%MatrixMarket matrix coordinate ...", r->line);
    r->valued = !skip_word(r, "pattern");
    if (r->valued && !skip_word(r, "real") && !skip_word(r, "double") && !skip_word(r, "integer"))
        refuse("input: line %lu: the matrix must be real, double, integer or pattern", r->line);
    if (!skip_word(r, "general") && !skip_word(r, "symmetric") && !skip_word(r, "skew-symmetric"))
        refuse("input: line %lu: the matrix must be general, symmetric or skew-symmetric", r->line);
    end_line(r);
}

/* ROWS COLUMNS ENTRIES, or VERTICES ARCS after p sp. */
static void read_sizes(struct reader *r)
{
    u64 columns;

    r->first = 1;
    r->last = (u32)read_number(r, "the number of vertices", 1, GAP_FILE_VERTICES);
    columns = r->form == FORM_MATRIX ? read_number(r, "the number of columns", 1, GAP_FILE_VERTICES) : r->last;
    r->promised = read_number(r, "the number of edges", 1, UINT32_MAX);
    if (columns != r->last)
        refuse("input: line %lu: a matrix of %u rows and %lu columns; it must be square", r->line, r->last, columns);
    r->has_head = true;
    end_line(r);
}

/* Lists have no head: the first edge shows whether there are weights. */
static void look_at_list(struct reader *r)
{
    struct reader ahead = *r;

    read_number(&ahead, "a vertex", 0, GAP_FILE_VERTICES - 1);
    read_number(&ahead, "a vertex", 0, GAP_FILE_VERTICES - 1);
    skip_blanks(&ahead);
    r->valued = ahead.at < ahead.stop;
    r->form = r->valued ? FORM_WEIGHTED : FORM_LIST;
    r->last = GAP_FILE_VERTICES - 1;
    r->has_head = true;
}

/* Whether the line is a comment or a head; then it has been dealt with. */
static bool is_no_edge(struct reader *r)
{
    char c = *r->at;

    if (r->form == FORM_CHALLENGE) {
        if (c == 'c')
            return true;
        if (skip_word(r, "p")) {
            if (r->has_head || !skip_word(r, "sp"))
                refuse("input: line %lu: %s", r->line, r->has_head ? "a second line p" : "not 'p sp VERTICES ARCS'");
            read_sizes(r);
            return true;
        }
        if (!skip_word(r, "a"))
            refuse("input: line %lu: begins with none of c, p, a", r->line);
        if (!r->has_head)
            refuse("input: line %lu: an edge before the line 'p sp VERTICES ARCS'", r->line);
        return false;
    }
    if (c == '%' || (c == '#' && r->form != FORM_MATRIX))
        return true;
    if (r->form == FORM_MATRIX && !r->has_head) {
        read_sizes(r);
        return true;
    }
    if (!r->has_head)
        look_at_list(r);
    return false;
}

/* --- the file --------------------------------------------------------------------------------------------------- */

static struct reader open_file(const char *text, size_t length)
{
    struct reader r = {.rest = text, .end = text + length}, first = r;

    if (!next_line(&first))
        refuse("input: line 0: the file is empty");
    if (first.stop - first.at >= 2 && first.at[0] == '%' && first.at[1] == '%') {
        read_banner(&first);
        return first;
    }
    if (*first.at == 'c' || *first.at == 'p' || *first.at == 'a') {
        r.form = FORM_CHALLENGE;
        r.valued = true;
    }
    return r;
}

struct gap_file gap_read(const char *text, size_t length, struct gap_edge *edges)
{
    struct reader r = open_file(text, length);
    struct gap_file file = {0};
    bool any = false;

    while (next_line(&r)) {
        struct gap_edge e;
        if (is_no_edge(&r))
            continue;
        if (r.promised && r.counted == r.promised)
            refuse("input: line %lu: more edges than the %lu that the head says", r.line, r.promised);
        e.from = (u32)read_number(&r, "a vertex", r.first, r.last) - r.first;
        e.to = (u32)read_number(&r, "a vertex", r.first, r.last) - r.first;
        if (r.valued)
            skip_value(&r);
        end_line(&r);
        if (edges)
            edges[r.counted] = e;
        r.counted++;
        file.vertices = MAX(file.vertices, MAX(e.from, e.to) + 1);
        any = any || e.from != e.to;
    }
    if (r.counted < r.promised)
        refuse("input: line %lu: the end, after %lu of %lu edges", r.line, r.counted, r.promised);
    if (!any)
        refuse("input: line %lu: the end, and no edge between two vertices", r.line);
    file.edges = r.counted;
    return file;
}
