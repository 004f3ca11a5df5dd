#include "lib/keys.h"
#include "kernel/exit.h"
#include "kernel/panic.h"
#include "lib/registry.h"
#include "lib/size_text.h"
#include "lib/string.h"

extern const struct key *const keys_start[], *const keys_end[], *const changing_keys_start[], *const changing_keys_end[];

const struct key *key_find(const char *name)
{
    for (const struct key *const *k = keys_start; k < keys_end; k++)
        if (!strcmp((*k)->name, name))
            return *k;
    return NULL;
}

static bool is_choice(const char *choices, const char *value)
{
    size_t length = strlen(value);

    while (*choices) {
        size_t n = 0;
        while (choices[n] && choices[n] != '|')
            n++;
        if (n == length && !strncmp(choices, value, n))
            return true;
        choices += n + (choices[n] == '|');
    }
    return false;
}

static void refuse_unknown(const char *name)
{
    /* Long enough for all names; what does not fit is cut, which only shortens a message. */
    static char known[8000];
    static struct name_list names = {known, sizeof(known), 0};

    for (const struct key *const *k = keys_start; k < keys_end; k++)
        name_list_add(&names, (*k)->name);
    refuse("unknown key '%s'; the known ones are:%s (and those of machine and model: see `list`)", name, known);
}

bool key_change(const struct key *key, const char *value, key_complaint complain)
{
    u64 number;

    if (key->kind == KEY_IS_TEXT) {
        if (key->choices && !is_choice(key->choices, value)) {
            complain("%s=%s: must be one of %s", key->name, value, key->choices);
            return false;
        }
        *key->text = value;
        return true;
    }
    if (parse_number(value, key->kind == KEY_IS_SIZE, &number)) {
        complain("%s=%s: must be a whole number%s", key->name, value,
                 key->kind == KEY_IS_SIZE ? ", with K, M or G if you like" : "");
        return false;
    }
    if (number < key->minimum || number > key->maximum) {
        if (key->kind == KEY_IS_SIZE)
            complain("%s=%s: must be from %s to %s", key->name, value, size_text(key->minimum).text,
                     size_text(key->maximum).text);
        else
            complain("%s=%s: must be from %lu to %lu", key->name, value, key->minimum, key->maximum);
        return false;
    }
    *key->number = number;
    return true;
}

static void set(const struct key *key, const char *value)
{
    key_change(key, value, refuse);
}

bool key_may_change(const struct key *key)
{
    for (const struct key *const *k = changing_keys_start; k < changing_keys_end; k++)
        if (*k == key)
            return true;
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

void keys_parse(char *text)
{
    for (const struct key *const *k = keys_start; k < keys_end; k++)
        ASSERT(key_find((*k)->name) == *k); /* a name is declared once */

    while (*text) {
        char *name, *value = NULL;

        while (is_blank(*text))
            text++;
        if (!*text)
            break;
        name = text;
        for (; *text && !is_blank(*text); text++)
            if (*text == '=' && !value) {
                *text = 0;
                value = text + 1;
            }
        if (*text)
            *text++ = 0;
        if (!value)
            refuse("'%s': expected key=value", name);

        const struct key *key = key_find(name);
        if (!key)
            refuse_unknown(name);
        if (*key->given)
            refuse("%s: given twice", name);
        set(key, value);
        *key->given = true;
    }
}

void keys_preset(const char *text)
{
    static char words[512]; /* values that are texts point into it */
    char *next = words;

    ASSERT(strlen(text) < sizeof(words));
    memcpy(words, text, strlen(text) + 1);
    while (*next) {
        char *name = next, *value;
        const struct key *key;

        while (*next && *next != '=')
            next++;
        ASSERT(*next);
        *next++ = 0;
        value = next;
        while (*next && !is_blank(*next))
            next++;
        if (*next)
            *next++ = 0;
        key = key_find(name);
        ASSERT(key);
        if (!*key->given)
            set(key, value);
    }
}

bool key_given(const void *variable)
{
    for (const struct key *const *k = keys_start; k < keys_end; k++)
        if ((const void *)(*k)->number == variable || (const void *)(*k)->text == variable)
            return *(*k)->given;
    PANIC("not a key's variable");
}

void keys_for_each(void (*each)(const struct key *key, void *data), void *data)
{
    const char *last = "";

    for (size_t n = (size_t)(keys_end - keys_start); n; n--) {
        const struct key *next = NULL;
        for (const struct key *const *k = keys_start; k < keys_end; k++)
            if (strcmp((*k)->name, last) > 0 && (!next || strcmp((*k)->name, next->name) < 0))
                next = *k;
        each(next, data);
        last = next->name;
    }
}
