/*
 * JSON (RFC 8259) read from front to back, by whoever knows what is to come. No tree is built. Escapes in strings are
 * kept as they are written: the names and numbers that are read here have none.
 */
#include "tools/trace/trace.h"

#define DEPTH_MAX 64

static bool first_in[DEPTH_MAX]; /* no element has been read yet */
static char closing[DEPTH_MAX];
static unsigned depth;

static int next_token(void)
{
    int byte;

    do
        byte = next_byte();
    while (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r');
    return byte;
}

static int peek_token(void)
{
    int byte = next_token();

    unread_byte(byte);
    return byte;
}

static _Noreturn void unexpected(int byte, const char *wanted)
{
    if (byte == -1)
        refuse("the file ends where JSON should have %s: truncated?", wanted);
    if (byte <= ' ' || byte > '~')
        refuse("byte %d where JSON should have %s", byte, wanted);
    refuse("'%c' where JSON should have %s", byte, wanted);
}

void json_begin(char bracket)
{
    int byte = next_token();
    char wanted[2] = {bracket, 0};

    if (byte != bracket)
        unexpected(byte, wanted);
    if (depth == DEPTH_MAX)
        refuse("brackets nested deeper than %d", DEPTH_MAX);
    first_in[depth] = true;
    closing[depth++] = bracket == '[' ? ']' : '}';
}

bool json_item(void)
{
    int byte = next_token();
    char wanted[] = {',', ' ', 'o', 'r', ' ', closing[depth - 1], 0};

    if (byte == closing[depth - 1]) {
        depth--;
        return false;
    }
    if (first_in[depth - 1])
        unread_byte(byte);
    else if (byte != ',')
        unexpected(byte, wanted);
    first_in[depth - 1] = false;
    return true;
}

static void read_string(char *text, size_t size)
{
    size_t length = 0;
    bool escaped = false;
    int byte = next_token();

    if (byte != '"')
        unexpected(byte, "a string");
    while ((byte = next_byte()) != '"' || escaped) {
        if (byte < ' ')
            unexpected(byte, "the end of a string");
        escaped = !escaped && byte == '\\';
        if (length + 1 < size)
            text[length++] = (char)byte;
    }
    text[length] = 0;
}

bool json_key(char *key, size_t size)
{
    int byte;

    if (!json_item())
        return false;
    read_string(key, size);
    byte = next_token();
    if (byte != ':')
        unexpected(byte, ":");
    return true;
}

bool json_is(char first)
{
    return peek_token() == first;
}

/* What numbers and the literals true, false, null are made of. */
static bool in_scalar(int byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || byte == 'E' || byte == '+' || byte == '-' ||
           byte == '.';
}

void json_scalar(char *text, size_t size)
{
    size_t length = 0;
    int byte = peek_token();

    if (byte == '"') {
        read_string(text, size);
        return;
    }
    while (in_scalar(byte = next_byte()))
        if (length + 1 < size)
            text[length++] = (char)byte;
    text[length] = 0;
    if (!length)
        unexpected(byte, "a number or string");
    unread_byte(byte);
}

void json_skip(void)
{
    char text[2];

    if (json_is('['))
        for (json_begin('['); json_item();)
            json_skip();
    else if (json_is('{'))
        for (json_begin('{'); json_key(text, sizeof(text));)
            json_skip();
    else
        json_scalar(text, sizeof(text));
}

void json_end(void)
{
    if (next_token() != -1)
        refuse("something follows the end of the JSON");
}
