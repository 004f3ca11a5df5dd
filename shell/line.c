#include "shell/line.h"
#include "lib/string.h"

#define WIDTH 79 /* of a terminal's line, less one: a longer text is shown around the cursor */

#define CTRL(letter) ((letter) & 0x1f)
#define DELETE       0x7f
#define ESC          0x1b

static void put_text(const struct line *line, const char *text)
{
    line->put(text, strlen(text));
}

void line_draw(struct line *line)
{
    u32 room = WIDTH - (u32)strlen(line->prompt), first = line->cursor > room ? line->cursor - room : 0;
    u32 shown = MIN(line->length - first, room);

    put_text(line, "\r");
    put_text(line, line->prompt);
    line->put(line->text + first, shown);
    put_text(line, "\033[K"); /* erases to the end of the line */
    for (u32 at = first + shown; at > line->cursor; at--)
        put_text(line, "\b");
}

void line_begin(struct line *line)
{
    line->length = line->cursor = line->back = 0;
    line->text[0] = 0;
    line->escape = ESCAPE_NONE;
    line_draw(line);
}

static void remove_bytes(struct line *line, u32 from, u32 to)
{
    memmove(line->text + from, line->text + to, line->length - to + 1);
    line->length -= to - from;
    line->cursor = from;
}

static void insert(struct line *line, char c)
{
    if (line->length + 1 == LINE_BYTES)
        return;
    memmove(line->text + line->cursor + 1, line->text + line->cursor, line->length - line->cursor + 1);
    line->text[line->cursor++] = c;
    line->length++;
}

static void show(struct line *line, const char *text)
{
    line->length = line->cursor = (u32)strlen(text);
    memcpy(line->text, text, line->length + 1);
}

static char *entry(struct line *line, u32 back)
{
    return line->history[(line->entered - back) % LINE_HISTORY];
}

static void step_history(struct line *line, int towards)
{
    u32 oldest = MIN(line->entered, LINE_HISTORY);

    if (towards > 0 ? line->back == oldest : !line->back)
        return;
    if (!line->back)
        memcpy(line->kept, line->text, line->length + 1);
    line->back += (u32)towards;
    show(line, line->back ? entry(line, line->back) : line->kept);
}

static void remember(struct line *line)
{
    if (!line->length || (line->entered && !strcmp(entry(line, 1), line->text)))
        return;
    memcpy(line->history[line->entered++ % LINE_HISTORY], line->text, line->length + 1);
}

static u32 word_start(const struct line *line)
{
    u32 at = line->cursor;

    while (at && line->text[at - 1] == ' ')
        at--;
    while (at && line->text[at - 1] != ' ')
        at--;
    return at;
}

/* What all candidates begin with is put in; a blank, too, when there is but one. When that adds nothing, they are shown. */
static void complete(struct line *line)
{
    char before[LINE_BYTES], word[LINE_BYTES], common[LINE_BYTES] = "";
    u32 start = line->cursor, n, typed, count = 0;

    while (start && line->text[start - 1] != ' ')
        start--;
    typed = line->cursor - start;
    memcpy(before, line->text, line->cursor);
    before[line->cursor] = 0;
    for (n = 0; line->complete(before, n, word, sizeof(word)); n++) {
        u32 same = 0;
        if (!count++)
            memcpy(common, word, strlen(word) + 1);
        while (common[same] && common[same] == word[same])
            same++;
        common[same] = 0;
    }
    if (!count)
        return;
    if (strlen(common) > typed || count == 1) {
        for (const char *c = common + typed; *c; c++)
            insert(line, *c);
        if (count == 1)
            insert(line, ' ');
        return;
    }
    put_text(line, "\r\n");
    for (n = 0; line->complete(before, n, word, sizeof(word)); n++) {
        put_text(line, word);
        put_text(line, n + 1 < count ? "  " : "\r\n");
    }
}

static void control(struct line *line, u8 byte)
{
    switch (byte) {
    case CTRL('A'):
        line->cursor = 0;
        break;
    case CTRL('E'):
        line->cursor = line->length;
        break;
    case CTRL('B'):
        line->cursor -= line->cursor != 0;
        break;
    case CTRL('F'):
        line->cursor += line->cursor < line->length;
        break;
    case CTRL('D'):
        if (line->cursor < line->length)
            remove_bytes(line, line->cursor, line->cursor + 1);
        break;
    case CTRL('K'):
        line->length = line->cursor;
        line->text[line->length] = 0;
        break;
    case CTRL('U'):
        remove_bytes(line, 0, line->cursor);
        break;
    case CTRL('W'):
        remove_bytes(line, word_start(line), line->cursor);
        break;
    case CTRL('L'):
        put_text(line, "\033[H\033[2J");
        break;
    case CTRL('P'):
        step_history(line, 1);
        break;
    case CTRL('N'):
        step_history(line, -1);
        break;
    case CTRL('H'):
    case DELETE:
        if (line->cursor)
            remove_bytes(line, line->cursor - 1, line->cursor);
        break;
    case '\t':
        complete(line);
        break;
    default:
        return;
    }
}

/* The last byte of a sequence, and what it does by another name. */
static void escape_ends(struct line *line, u8 byte)
{
    static const char from[] = "ABCDHF", to[] = {CTRL('P'), CTRL('N'), CTRL('F'), CTRL('B'), CTRL('A'), CTRL('E')};
    static const u8 numbered[] = {[1] = CTRL('A'), [3] = CTRL('D'), [4] = CTRL('E'), [7] = CTRL('A'), [8] = CTRL('E')};

    for (u32 i = 0; from[i]; i++)
        if (byte == from[i])
            control(line, (u8)to[i]);
    /* Delete must not end the shell, as Ctrl-D does where the line is empty: control() does not. */
    if (byte == '~' && line->parameter < sizeof(numbered) && numbered[line->parameter])
        control(line, numbered[line->parameter]);
}

/* Whether the byte belonged to an escape sequence. */
static bool in_escape(struct line *line, u8 byte)
{
    switch (line->escape) {
    case ESCAPE_BEGUN:
        line->escape = byte == '[' || byte == 'O' ? ESCAPE_BRACKET : ESCAPE_NONE;
        line->parameter = 0;
        return true;
    case ESCAPE_BRACKET:
        if (byte >= '0' && byte <= '9') {
            line->parameter = MIN(line->parameter * 10 + byte - '0', 1000u);
        } else if (byte >= '@' && byte <= '~') {
            line->escape = ESCAPE_NONE;
            escape_ends(line, byte);
        }
        return true;
    default:
        if (byte != ESC)
            return false;
        line->escape = ESCAPE_BEGUN;
        return true;
    }
}

enum line_result line_feed(struct line *line, u8 byte)
{
    if (in_escape(line, byte)) {
        if (line->escape == ESCAPE_NONE)
            line_draw(line);
        return LINE_MORE;
    }
    if (byte == '\r' || byte == '\n') {
        remember(line);
        put_text(line, "\r\n");
        return LINE_DONE;
    }
    if (byte == CTRL('C')) {
        put_text(line, "^C\r\n");
        return LINE_DROPPED;
    }
    if (byte == CTRL('D') && !line->length) {
        put_text(line, "\r\n");
        return LINE_END;
    }
    if (byte >= ' ' && byte < DELETE)
        insert(line, (char)byte);
    else
        control(line, byte);
    line_draw(line);
    return LINE_MORE;
}
