/* sources: tests/host/host.c shell/line.c shell/nearest.c */
/* The shell's line editor, fed byte by byte as by a terminal, and the nearest of known words. */
#include <stdio.h>
#include <string.h>

#include "shell/line.h"
#include "shell/nearest.h"
#include "tests/host/host.h"

static char drawn[1 << 16];
static size_t drawn_length;

static void put(const char *text, size_t size)
{
    CHECK(drawn_length + size < sizeof(drawn));
    memcpy(drawn + drawn_length, text, size);
    drawn_length += size;
    drawn[drawn_length] = 0;
}

/* Knows step, store and why as first words, and no others. */
static bool complete(const char *text, u32 n, char *to, size_t size)
{
    static const char *const words[] = {"step", "store", "why"};
    const char *last = strrchr(text, ' ');

    if (last)
        return false;
    for (u32 i = 0; i < 3; i++)
        if (!strncmp(words[i], text, strlen(text)) && !n--)
            return snprintf(to, size, "%s", words[i]) > 0;
    return false;
}

static struct line line;

static void begin(void)
{
    memset(&line, 0, sizeof(line));
    line.prompt = "> ";
    line.put = put;
    line.complete = complete;
    drawn_length = 0;
    drawn[0] = 0;
    line_begin(&line);
}

/* Feeds all of it; what the last byte gave. */
static enum line_result type(const char *bytes)
{
    enum line_result result = LINE_MORE;

    for (; *bytes; bytes++)
        result = line_feed(&line, (u8)*bytes);
    return result;
}

/* Types and enters a line, which must read so, and begins the next. */
static void enters(const char *bytes, const char *reads)
{
    CHECK_EQ(LINE_MORE, type(bytes));
    CHECK(!strcmp(line.text, reads));
    CHECK_EQ(LINE_DONE, type("\r"));
    CHECK(!strcmp(line.text, reads));
    line_begin(&line);
}

/* What a terminal of 79 columns shows after all that was drawn, and where its cursor stands: carriage return, backspace, erasing to
 * the end of the line and newline are all that the editor uses. */
static size_t cursor;
static char *screen(void)
{
    static char row[400];
    size_t at = 0;

    memset(row, 0, sizeof(row));
    for (const char *c = drawn; *c; c++) {
        if (*c == '\r')
            at = 0;
        else if (*c == '\b')
            at--;
        else if (*c == '\n')
            memset(row, 0, sizeof(row));
        else if (!strncmp(c, "\033[K", 3))
            memset(row + at, 0, sizeof(row) - at), c += 2;
        else
            row[at++] = *c;
        CHECK(at < 80);
    }
    cursor = at;
    return row;
}

static void editing(void)
{
    host_case("line.editing");
    begin();
    enters("run", "run");
    enters("rux\177n", "run");
    enters("un\033[Hr\033[F!", "run!");
    enters("rn\033[Du\033[C.", "run.");
    enters("xrun\001\004", "run");
    enters("rxun\033[D\033[D\033[D\033[3~", "run");
    enters("abc\002\002\013x", "ax");
    enters("old words\025new", "new");
    enters("step  window \027tick", "step  tick");
    enters("a\033OHb", "ba");
    enters("\033[1~c\033[99999999999~d\033[Zx", "cdx"); /* unknown sequences do nothing */
    enters("ab\001\177\010\002\006\006\006\004c", "abc"); /* nor does what has no character to work on */
    enters("a\200\377b", "ab");
}

static void drawing(void)
{
    host_case("line.drawing");
    begin();
    type("step");
    CHECK(!strcmp(screen(), "> step"));
    CHECK_EQ(6, cursor);
    type("\002\002");
    CHECK(!strcmp(screen(), "> step"));
    CHECK_EQ(4, cursor);
    type("\177");
    CHECK(!strcmp(screen(), "> sep"));
    CHECK_EQ(3, cursor);
    for (int i = 0; i < 120; i++)
        type("x");
    type("end"); /* no further than the terminal is wide, and the cursor is in sight */
    CHECK(!strncmp(screen() + cursor - 3, "end", 3));
    CHECK_EQ(126, line.length);
    for (int i = 0; i < 100; i++)
        type("y");
    CHECK_EQ(LINE_BYTES - 1, line.length); /* full: what comes is left out */
    CHECK_EQ(0, line.text[LINE_BYTES - 1]);
}

static void history(void)
{
    char name[24];

    host_case("line.history");
    begin();
    enters("one", "one");
    enters("two", "two");
    enters("two", "two"); /* is there once */
    enters("", "");       /* and this not at all */
    enters("new\033[A\033[A\033[B\033[B", "new");
    enters("\033[A\033[A\033[A", "one");
    enters("\033[A\033[A\033[A\033[A\033[A\033[A", "one"); /* no further */
    enters("\020\020!", "new!");
    enters("\033[A\033[A\033[B\016", "");
    for (u32 i = 0; i < LINE_HISTORY + 5; i++) {
        snprintf(name, sizeof(name), "n%u", i);
        enters(name, name);
    }
    for (u32 i = 0; i < 3 * LINE_HISTORY; i++)
        type("\033[A");
    CHECK(!strcmp(line.text, "n5")); /* the oldest that is remembered */
}

static void completing(void)
{
    host_case("line.completion");
    begin();
    enters("w\t0", "why 0");
    enters("s\tor\t1", "store 1"); /* st, then the one that fits */
    begin();
    type("st\t");
    CHECK(strstr(drawn, "\r\nstep  store\r\n") != NULL);
    CHECK(!strcmp(screen(), "> st"));
    enters("", "st");
    enters("x\t", "x");
    enters("why \t", "why ");
    enters("wx\002\t", "why x"); /* at the cursor */
}

static void ending(void)
{
    host_case("line.ending");
    begin();
    CHECK_EQ(LINE_DROPPED, type("abc\003"));
    line_begin(&line);
    CHECK(!strcmp(line.text, ""));
    CHECK_EQ(LINE_MORE, type("a\004")); /* deletes, and there is nothing */
    CHECK_EQ(LINE_MORE, type("\177"));
    CHECK_EQ(LINE_MORE, type("\033[3~")); /* delete does not end */
    CHECK_EQ(LINE_END, type("\004"));
    begin();
    CHECK_EQ(LINE_DONE, type("run\n"));
}

/* Whatever comes, the text stays a text. */
static void anything(void)
{
    host_case("line.anything");
    host_seed(1);
    begin();
    for (int i = 0; i < 200000; i++) {
        static const u8 often[] = {'\033', '[', '\t', 0x7f, 'A', 'D', '3', '~', 's', ' '};
        u8 byte = host_below(2) ? often[host_below(sizeof(often))] : (u8)host_below(256);
        drawn_length = 0;
        if (line_feed(&line, byte) != LINE_MORE)
            line_begin(&line);
        CHECK(line.length < LINE_BYTES && line.cursor <= line.length && strlen(line.text) == line.length);
    }
}

static void nearest(void)
{
    char best[40];
    static const char *const cases[][3] = {
        {"stpe", "run|step|set|help", "step"}, {"hepl", "run|step|set|help", "help"}, {"run", "step|run", "run"},
        {"", "abc|d|ef", "d"},                 {"windw", "tick|window", "window"},    {"ax", "ab|ac", "ab"},
        {"kitten", "sitting|mitt", "sitting"},    {"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", "x|abcdefghijklmnopq", "abcdefghijklmnopq"},
    };

    host_case("nearest.word");
    for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
        nearest_word(cases[i][0], cases[i][1], best, sizeof(best));
        if (strcmp(best, cases[i][2]))
            host_fail(__FILE__, __LINE__, "'%s': want='%s' got='%s'", cases[i][0], cases[i][2], best);
    }
}

int main(void)
{
    editing();
    drawing();
    history();
    completing();
    ending();
    anything();
    nearest();
    return host_done();
}
