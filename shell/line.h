/*
 * Editing one line on a terminal (ECMA-48 sequences, which every terminal has): pure code, fed byte by byte, so that it is tested on
 * the host. What it draws goes through `put`.
 *
 *      left right home end backspace delete, Ctrl-A E B F K U W L     as in a shell
 *      up down, Ctrl-P N                                              the lines entered before
 *      tab                                                            completes the word, or shows what it may become
 *      Ctrl-C                                                         drops the line; Ctrl-D on an empty one ends
 */
#pragma once

#include "kernel/types.h"

#define LINE_BYTES   160 /* with the zero behind it */
#define LINE_HISTORY 32  /* lines that are remembered */

enum line_result { LINE_MORE, LINE_DONE, LINE_DROPPED, LINE_END };

struct line {
    const char *prompt;
    void (*put)(const char *text, size_t size);
    /*
     * Writes to `to` the n-th word that could stand where `line` ends, of which its last word is the beginning; false when there are
     * no more.
     */
    bool (*complete)(const char *line, u32 n, char *to, size_t size);

    char text[LINE_BYTES];
    u32 length, cursor;
    char history[LINE_HISTORY][LINE_BYTES];
    u32 entered; /* lines, ever */
    u32 back;    /* how far back in the history the shown line stands; 0: it is new */
    char kept[LINE_BYTES]; /* the new line while an old one is shown */
    enum { ESCAPE_NONE, ESCAPE_BEGUN, ESCAPE_BRACKET } escape;
    u32 parameter; /* of the sequence */
};

/* An empty line behind the prompt. */
void line_begin(struct line *line);

/* Takes one byte from the terminal. After LINE_DONE `text` has the line, which is in the history; then comes line_begin(). */
enum line_result line_feed(struct line *line, u8 byte);

/* Draws prompt and line anew, as after other text was written. */
void line_draw(struct line *line);
