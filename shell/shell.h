/*
 * The shell: a prompt on the serial console at which a run stands still and can be looked at.
 *
 * It is the run's spectator (lab/moment.h): between two moments the run goes on as it would without, and at the prompt the clock is
 * paused, no timer is armed and interrupts are off. So looking changes no record. What does change the run (set, move, clear, touch)
 * says so, and leaves a record that says so.
 *
 * A command is an object that REGISTER_COMMAND puts on the list, whatever file it is in.
 */
#pragma once

#include "lib/keys.h"
#include "lib/record.h"
#include "lib/registry.h"
#include "lab/moment.h"
#include "lab/run.h"
#include "mm/parts.h"

#define MAX_WORDS 4 /* of a line, the command's name included */

struct command {
    const char *name, *summary; /* one line: what it shows */
    const char *usage;          /* its arguments */
    const char *help;           /* further lines, each ended; null for none */
    const char *words;          /* "a|b|c": what the first argument may be; null for anything */
    const char *more_words;     /* the same for the second one, for completion alone */
    u32 least, most;            /* so many arguments; with fewer or more it is answered by its usage */
    bool words_are_keys;        /* completion: the first argument is a key that may change */
    bool words_are_commands;    /* ...or a command */

    /* Carries it out; `words` are the arguments, null behind the last. True: the run goes on. */
    bool (*act)(const char *const *words);
};

#define REGISTER_COMMAND(object) REGISTER_IN(commands, object)

extern const struct registry command_registry;

/* Becomes the run's spectator when the launcher asks for a shell. Once a boot, after run_init(). */
void shell_init(void);

/* Whether a script had a command that was none. */
bool shell_has_complained(void);

/* A command's argument was wrong: one line, in printf's form. A script that has such ends with EXIT_REFUSED. False, for `return`. */
__attribute__((format(printf, 1, 2))) void shell_complaint(const char *format, ...);
#define shell_complain(...) (shell_complaint(__VA_ARGS__), false)

/* The same for a word that is none of "a|b|c", with the nearest that is. */
bool shell_complain_word(const char *what, const char *word, const char *known);

/* To be called before the run is changed: says once, to the reader and in the records, that it is another one now. */
void shell_changes(void);

/* Prompts until a command lets the run go on. */
void shell_prompt(void);

/* Ends the machine in mid-run. */
__attribute__((noreturn)) void shell_leave(void);

/* With a terminal: whether Ctrl-C has come in while the run was going on. */
bool shell_interrupted(void);

/* The page of the program that a word names; complains, and returns NO_PAGE, when it is none. Null: there is no word. */
u32 shell_page(const char *word);

/* The place of `word` in "a|b|c", or -1. */
int shell_choice(const char *word, const char *choices);

/* A time on the workload's clock as text, to the nearest us: "12.345 ms". Valid until the fourth further call. */
const char *shell_ms(u64 ps);

const char *shell_tier(enum tier tier);
