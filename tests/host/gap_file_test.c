/* sources: tests/host/host.c workloads/gap/file.c */
/* GAP's graph files: each form by a graph written down by hand, every refusal with its line, and mutations that must be
 * read or refused. */
#include <stdlib.h>
#include <string.h>

#include "tests/host/host.h"
#include "workloads/gap/file.h"

#define EDGES_MAX 64

/* Two edges, one of them twice and turned round, and a loop; 5 vertices, of which the one numbered 1 has no edge. */
static const char list[] = "# a comment\n0 2\n2 0\n\n4 0\r\n3 3\n";
static const char weighted[] = "0 2 5\n2 0 1\n  4\t0 -1.5e3 \n3 3 0";
static const char matrix[] =
    "%%MatrixMarket matrix coordinate pattern symmetric\n% comment\n6 6 4\n1 3\n3 1\n5 1\n4 4\n";
static const char valued[] = "%%matrixmarket MATRIX coordinate real general\n6 6 4\n1 3 2.5\n3 1 1e9\n5 1 0\n4 4 -1\n";
static const char challenge[] = "c comment\np sp 6 4\na 1 3 7\na 3 1 7\nc more\na 5 1 1\na 4 4 1\n";

/* Reads as the program does: counts, then fills. The text ends where its memory ends, so that no reader may look behind
 * it. */
static struct gap_file read_all(const char *text, size_t length, struct gap_edge *edges)
{
    struct gap_file file = gap_read(text, length, NULL), again;

    CHECK(file.edges <= EDGES_MAX);
    again = gap_read(text, length, edges);
    CHECK(again.edges == file.edges && again.vertices == file.vertices);
    return file;
}

static void same_graph(const char *name, const char *text)
{
    static const struct gap_edge want[] = {{0, 2}, {2, 0}, {4, 0}, {3, 3}};
    struct gap_edge edges[EDGES_MAX];
    struct gap_file file;
    size_t length = strlen(text);
    char *copy = malloc(length);

    host_case(name);
    memcpy(copy, text, length);
    file = read_all(copy, length, edges);
    CHECK_EQ(5, file.vertices);
    CHECK_EQ(4, file.edges);
    CHECK(!memcmp(edges, want, sizeof(want)));
    free(copy);
}

static void refused(const char *text, const char *message)
{
    REFUSES((void)gap_read(text, strlen(text), NULL));
    if (!strstr(host_message, message))
        host_fail(__FILE__, __LINE__, "'%s' instead of '%s'", host_message, message);
}

static void refusals(void)
{
    host_case("gap_file.refusals");
    refused("", "line 0: the file is empty");
    refused("\n\n", "line 0: the file is empty");
    refused("# only\n", "line 1: the end, and no edge between");
    refused("3 3\n", "line 1: the end, and no edge between");
    refused("0 1\n0 x\n", "line 2: no whole number where a vertex should be");
    refused("0 1\n0 -1\n", "line 2: no whole number where a vertex should be");
    refused("0 1\n0\n", "line 2: no whole number where a vertex should be");
    refused("0 1\n0 67108864\n", "line 2: a vertex must be from 0 to 67108863");
    refused("0 1\n0 99999999999999999999999\n", "line 2: a vertex must be from 0 to 67108863");
    refused("0 1\n0 2 5\n", "line 2: more on the line");
    refused("0 1 3\n0 2\n", "line 2: no number where a weight should be");
    refused("0 1 3\n0 2 x\n", "line 2: no number where a weight should be");
    refused("0 1 3\n0 2 +\n", "line 2: no number where a weight should be");
    refused("0 1 3\n0 2 1 1\n", "line 2: more on the line");
    refused("PK\003\004\n", "line 1: no whole number");
    refused("%%MatrixMarket matrix array real general\n", "line 1: not %%MatrixMarket matrix coordinate");
    refused("%%MatrixMarket matrix coordinate complex general\n", "line 1: the matrix must be real");
    refused("%%MatrixMarket matrix coordinate real hermitian\n", "line 1: the matrix must be general");
    refused("%%MatrixMarket matrix coordinate pattern general\n3 4 1\n", "line 2: a matrix of 3 rows and 4 columns");
    refused("%%MatrixMarket matrix coordinate pattern general\n3 3\n",
            "line 2: no whole number where the number of edges");
    refused("%%MatrixMarket matrix coordinate pattern general\n3 3 1\n1 4\n", "line 3: a vertex must be from 1 to 3");
    refused("%%MatrixMarket matrix coordinate pattern general\n3 3 1\n0 1\n", "line 3: a vertex must be from 1 to 3");
    refused("%%MatrixMarket matrix coordinate pattern general\n3 3 2\n1 2\n", "line 3: the end, after 1 of 2 edges");
    refused("%%MatrixMarket matrix coordinate pattern general\n3 3 1\n1 2\n1 3\n", "line 4: more edges than the 1");
    refused("%%MatrixMarket matrix coordinate integer general\n3 3 1\n1 2\n", "line 3: no number where a weight");
    refused("p sp 3 1\np sp 3 1\n", "line 2: a second line p");
    refused("p max 3 1\n", "line 1: not 'p sp VERTICES ARCS'");
    refused("c x\na 1 2 1\n", "line 2: an edge before the line");
    refused("p sp 3 1\nx 1 2 1\n", "line 2: begins with none of c, p, a");
    refused("p sp 3 1\na 1 2\n", "line 2: no number where a weight");
    refused("p sp 3 2\na 1 2 1\n", "line 2: the end, after 1 of 2 edges");
    refused("p sp 3 1\na 1 2 1\na 1 3 1\n", "line 3: more edges than the 1");
}

static bool is_refused(const char *text, size_t length)
{
    struct gap_edge edges[EDGES_MAX];
    volatile int ended;

    host_expects_end = true;
    ended = setjmp(host_landing);
    if (ended == HOST_RETURNED)
        read_all(text, length, edges);
    host_expects_end = false;
    CHECK(ended == HOST_RETURNED || (ended == HOST_REFUSED && strstr(host_message, "input: line ")));
    return ended == HOST_REFUSED;
}

/* A byte changed, or the end cut off: read or refused; what the second call fills is what the first one counted. */
static void mutations(void)
{
    static const char *const texts[] = {list, weighted, matrix, valued, challenge};
    unsigned read = 0, refusals_seen = 0;

    host_case("gap_file.mutations");
    for (unsigned round = 0; round < 20000; round++) {
        const char *text = texts[round % ARRAY_SIZE(texts)];
        size_t length = strlen(text) - (round % 3 ? 0 : host_below((u32)strlen(text)));
        char *copy = malloc(length + !length);
        memcpy(copy, text, length);
        if (length)
            copy[host_below((u32)length)] = round % 4 ? "0123456789 \nacp%#-."[host_below(19)] : (char)host_below(256);
        if (is_refused(copy, length))
            refusals_seen++;
        else
            read++;
        free(copy);
    }
    CHECK(read > 1000 && refusals_seen > 1000);
}

int main(void)
{
    same_graph("gap_file.el", list);
    same_graph("gap_file.wel", weighted);
    same_graph("gap_file.mtx", matrix);
    same_graph("gap_file.mtx_values", valued);
    same_graph("gap_file.gr", challenge);
    refusals();
    mutations();
    return host_done();
}
