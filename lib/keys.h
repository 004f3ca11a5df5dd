/*
 * Keys: every parameter of a run is a `key=value` with a default, a range and one line of help.
 *
 * A part declares its own keys where it uses them; the run refuses what nobody declared. Numbers are plain or, for
 * sizes, with K, M, G (binary); every other unit is part of the key's name.
 */
#pragma once

#include "kernel/types.h"

enum key_kind { KEY_IS_NUMBER, KEY_IS_SIZE, KEY_IS_TEXT };

struct key {
    const char *name, *help;
    enum key_kind kind;
    u64 *number; /* KEY_IS_NUMBER, KEY_IS_SIZE */
    u64 minimum, maximum;
    const char **text;   /* KEY_IS_TEXT */
    const char *choices; /* KEY_IS_TEXT: "a|b|c", or null for any text */
    bool *given;
};

#define REGISTER_IN(registry, object)                                                                                  \
    static const void *const registered_##object __attribute__((used, section(".reg." #registry), no_reorder)) = &object

#define KEY_NUMBER_KIND(key_kind, variable, key_name, initial, low, high, key_help)                                    \
    u64 variable = (initial);                                                                                          \
    static bool variable##_given;                                                                                      \
    static const struct key key_##variable = {.name = (key_name),                                                      \
                                              .help = (key_help),                                                      \
                                              .kind = (key_kind),                                                      \
                                              .number = &variable,                                                     \
                                              .minimum = (low),                                                        \
                                              .maximum = (high),                                                       \
                                              .given = &variable##_given};                                             \
    REGISTER_IN(keys, key_##variable)

/* Defines the u64 `variable` and the key that sets it. Prefix with `static` where no other file reads it. */
#define KEY_NUMBER(variable, name, initial, low, high, help)                                                           \
    KEY_NUMBER_KIND(KEY_IS_NUMBER, variable, name, initial, low, high, help)
#define KEY_SIZE(variable, name, initial, low, high, help)                                                             \
    KEY_NUMBER_KIND(KEY_IS_SIZE, variable, name, initial, low, high, help)

/* Defines the `const char *variable`. */
#define KEY_TEXT(variable, key_name, initial, allowed, key_help)                                                       \
    const char *variable = (initial);                                                                                  \
    static bool variable##_given;                                                                                      \
    static const struct key key_##variable = {.name = (key_name),                                                      \
                                              .help = (key_help),                                                      \
                                              .kind = KEY_IS_TEXT,                                                     \
                                              .text = &variable,                                                       \
                                              .choices = (allowed),                                                    \
                                              .given = &variable##_given};                                             \
    REGISTER_IN(keys, key_##variable)

/*
 * Reads `text`, words of key=value separated by blanks or newlines, and sets the variables. The text must stay valid.
 * Refuses the run (EXIT_REFUSED) for an unknown key, a key given twice, a bad number, a value out of range.
 */
void keys_parse(char *text);

/* Sets keys as a policy's row asks for: those that were given stay. "name=value name=value"; a mistake is a panic. */
void keys_preset(const char *text);

/* The key of that name, or null. */
const struct key *key_find(const char *name);

/*
 * Keys that may change while a run goes on: parts read them anew each time. KEY_MAY_CHANGE(variable) stands behind the key's
 * definition. key_change() gives it another value; where that is not allowed it complains of it in a line, and returns false.
 */
#define KEY_MAY_CHANGE(variable)                                                                                       \
    static const void *const changing_##variable __attribute__((used, section(".reg.changing_keys"), no_reorder)) = &key_##variable
bool key_may_change(const struct key *key);
typedef __attribute__((format(printf, 1, 2))) void (*key_complaint)(const char *format, ...);
bool key_change(const struct key *key, const char *value, key_complaint complain);

/* Whether the key that sets `variable` was given, as opposed to left at its default. */
bool key_given(const void *variable);

/* Calls `each` for every key, in order of name. */
void keys_for_each(void (*each)(const struct key *key, void *data), void *data);

/* Parses a number with an optional K, M or G. Returns 0 or ERR_INVAL, ERR_RANGE (more than 64 bits). */
int parse_number(const char *text, bool suffix, u64 *value);
