/* The prompt: where lines come from, whose words they are, and what is answered to those that are nobody's. */
#include "shell/shell.h"
#include "kernel/console.h"
#include "kernel/exit.h"
#include "platform/fwcfg.h"
#include "lib/string.h"
#include "lab/program.h"
#include "mm/memory.h"
#include "shell/line.h"
#include "shell/nearest.h"
#include "shell/notes.h"
#include "shell/stops.h"

/* What the launcher hands over: a script, or the word that somebody sits at a terminal. */
#define SCRIPT_FILE   "opt/tierlab/script"
#define TERMINAL_FILE "opt/tierlab/terminal"

#define CTRL_C 3

extern const void *const commands_start[], *const commands_end[];
const struct registry command_registry = {"command", commands_start, commands_end};

void (*run_spectator)(enum moment moment, const struct job *job);

static char *script; /* what is left of it; null at a terminal */
static bool at_terminal, complained, changed;
static struct line line;

static void put(const char *text, size_t size)
{
    serial_write(SERIAL_CONSOLE, text, size);
}

/* --- words --------------------------------------------------------------------------------------------------------- */

void shell_complaint(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    kvprintf(format, args);
    va_end(args);
    kprintf("\n");
    complained = true;
}

bool shell_complain_word(const char *what, const char *word, const char *known)
{
    char best[40];

    nearest_word(word, known, best, sizeof(best));
    return shell_complain("%s '%s' is unknown; the nearest known one is '%s'", what, word, best);
}

int shell_choice(const char *word, const char *choices)
{
    size_t length = strlen(word);

    for (int i = 0;; i++) {
        size_t n = 0;
        while (choices[n] && choices[n] != '|')
            n++;
        if (n == length && !strncmp(word, choices, n))
            return i;
        if (!choices[n])
            return -1;
        choices += n + 1;
    }
}

u32 shell_page(const char *word)
{
    u64 page;

    if (word && !parse_number(word, false, &page) && page < program.pages)
        return (u32)page;
    shell_complaint(word ? "'%s' is no page: the program has pages 0 to %lu" : "which page?%s the program has 0 to %lu", word ? word : "",
                   program.pages - 1);
    return NO_PAGE;
}

const char *shell_ms(u64 ps)
{
    static char texts[4][24];
    static unsigned next;
    char *text = texts[next++ % ARRAY_SIZE(texts)];

    u64 us = (ps + 500000) / 1000000;

    ksnprintf(text, sizeof(texts[0]), "%lu.%03lu ms", us / 1000, us % 1000);
    return text;
}

const char *shell_tier(enum tier tier)
{
    return tier == TIER_FAST ? "fast" : "slow";
}

/* --- dispatch ------------------------------------------------------------------------------------------------------ */

/* Cuts the text into words at blanks. False when there are more than `max`. */
static bool split(char *text, const char **words, u32 max, u32 *count)
{
    *count = 0;
    for (;;) {
        while (*text == ' ' || *text == '\t')
            *text++ = 0;
        if (!*text)
            return true;
        if (*count == max)
            return false;
        words[(*count)++] = text;
        while (*text && *text != ' ' && *text != '\t')
            text++;
    }
}

static void unknown_command(const char *word)
{
    char names[400];
    struct name_list list = {names, sizeof(names), 0};

    for (const void *const *c = commands_start; c < commands_end; c++)
        name_list_add(&list, ((const struct command *)*c)->name);
    for (char *c = names; *c; c++)
        if (*c == ' ')
            *c = '|';
    shell_complain_word("command", word, names + 1);
}

static void tell_of_change(void)
{
    if (changed)
        return;
    changed = true;
    kprintf("(from here on the run is another one: its records will not be stored)\n");
    record_begin("event");
    record_text("event", "changed");
    record_end();
}

/* True when the run goes on. */
static bool obey(char *text)
{
    const char *words[MAX_WORDS + 1] = {0};
    const struct command *command;
    bool all;
    u32 count;

    if (*text == '#')
        return false;
    all = split(text, words, MAX_WORDS, &count);
    if (!count)
        return false;
    command = registry_find(&command_registry, words[0]);
    if (!command) {
        unknown_command(words[0]);
        return false;
    }
    if (words[1] && command->words && shell_choice(words[1], command->words) < 0)
        return shell_complain_word(command->name, words[1], command->words);
    if (!all || count - 1 < command->least || count - 1 > command->most)
        return shell_complain("usage: %s%s%s", command->name, *command->usage ? " " : "", command->usage);
    return command->act(words + 1);
}

void shell_changes(void)
{
    tell_of_change();
}

/* --- lines --------------------------------------------------------------------------------------------------------- */

static u8 terminal_byte(void)
{
    int byte;

    while ((byte = serial_read(SERIAL_CONSOLE)) < 0)
        __asm__ volatile("pause"); /* which lets QEMU look at its terminal */
    return (u8)byte;
}

/* The next line into `text`; false when there are no more. */
static bool script_line(char *text, size_t size)
{
    size_t length = 0;

    if (!*script)
        return false;
    while (script[length] && script[length] != '\n')
        length++;
    if (length >= size)
        refuse("a line of the script has %lu characters; %lu are allowed", length, size - 1);
    memcpy(text, script, length);
    text[length] = 0;
    while (length && (text[length - 1] == '\r' || text[length - 1] == ' '))
        text[--length] = 0;
    script += strlen(script) == length ? length : 0;
    while (*script && *script != '\n')
        script++;
    script += *script == '\n';
    if (length)
        kprintf("%s%s\n", line.prompt, text);
    return true;
}

static bool terminal_line(char *text)
{
    line_begin(&line);
    for (;;) {
        switch (line_feed(&line, terminal_byte())) {
        case LINE_DONE:
            memcpy(text, line.text, line.length + 1);
            return true;
        case LINE_DROPPED:
            line_begin(&line);
            break;
        case LINE_END:
            return false;
        case LINE_MORE:
            break;
        }
    }
}

__attribute__((noreturn)) void shell_leave(void)
{
    machine_exit(complained && !at_terminal ? EXIT_REFUSED : EXIT_PASS);
}

void shell_prompt(void)
{
    char text[LINE_BYTES];

    do {
        if (at_terminal ? terminal_line(text) : script_line(text, sizeof(text)))
            continue;
        if (!stops_at_end())
            shell_leave();
        return;
    } while (!obey(text));
}

bool shell_interrupted(void)
{
    int byte;

    while (at_terminal && (byte = serial_read(SERIAL_CONSOLE)) >= 0)
        if (byte == CTRL_C)
            return true;
    return false;
}

bool shell_has_complained(void)
{
    return complained && !at_terminal;
}

/* --- completion ---------------------------------------------------------------------------------------------------- */

/* The n-th of "a|b|c" that begins so. */
static bool nth_choice(const char *choices, const char *begins, u32 n, char *to, size_t size)
{
    size_t length = strlen(begins);

    while (*choices) {
        size_t end = 0;
        while (choices[end] && choices[end] != '|')
            end++;
        if (end >= length && end < size && !strncmp(choices, begins, length) && !n--) {
            memcpy(to, choices, end);
            to[end] = 0;
            return true;
        }
        choices += end + (choices[end] == '|');
    }
    return false;
}

struct wanted {
    const char *begins;
    u32 n;
    const char *found;
};

static void offer(struct wanted *wanted, const char *name)
{
    if (!strncmp(name, wanted->begins, strlen(wanted->begins)) && !wanted->found && !wanted->n--)
        wanted->found = name;
}

static void offer_command(const struct registered *object, void *wanted)
{
    offer(wanted, object->name);
}

static void offer_key(const struct key *key, void *wanted)
{
    if (key_may_change(key))
        offer(wanted, key->name);
}

static bool complete(const char *text, u32 n, char *to, size_t size)
{
    char copy[LINE_BYTES];
    const char *words[MAX_WORDS + 1] = {0};
    const struct command *command;
    struct wanted wanted = {.begins = "", .n = n};
    u32 count;

    memcpy(copy, text, strlen(text) + 1);
    if (!split(copy, words, MAX_WORDS, &count))
        return false;
    if (count && text[strlen(text) - 1] != ' ')
        wanted.begins = words[--count];
    command = count ? registry_find(&command_registry, words[0]) : NULL;
    if (!count || (count == 1 && command && command->words_are_commands))
        registry_for_each(&command_registry, offer_command, &wanted);
    else if (count == 1 && command && command->words_are_keys)
        keys_for_each(offer_key, &wanted);
    else if (command && count <= 2 && (count == 1 ? command->words : command->more_words))
        return nth_choice(count == 1 ? command->words : command->more_words, wanted.begins, n, to, size);
    if (!wanted.found || strlen(wanted.found) >= size)
        return false;
    memcpy(to, wanted.found, strlen(wanted.found) + 1);
    return true;
}

/* --- help, quit ---------------------------------------------------------------------------------------------------- */

static void help_line(const struct registered *object, void *data)
{
    const struct command *command = (const void *)object;

    (void)data;
    kprintf("  %s %s", command->name, command->usage);
    for (size_t n = strlen(command->name) + strlen(command->usage); n < 28; n++)
        kprintf(" ");
    kprintf("%s\n", command->summary);
}

static bool help_act(const char *const *words)
{
    const struct command *command;

    if (!words[0]) {
        registry_for_each(&command_registry, help_line, NULL);
        return false;
    }
    command = registry_find(&command_registry, words[0]);
    if (!command) {
        unknown_command(words[0]);
        return false;
    }
    kprintf("%s %s: %s\n%s", command->name, command->usage, command->summary, command->help ? command->help : "");
    return false;
}

static const struct command help = {
    .name = "help", .usage = "[COMMAND]", .summary = "all commands, or one", .words_are_commands = true, .most = 1, .act = help_act};
REGISTER_COMMAND(help);

static bool quit_act(const char *const *words)
{
    (void)words;
    if (stops_at_end())
        return true;
    shell_leave();
}

static const struct command quit = {.name = "quit",
                                    .usage = "",
                                    .summary = "ends the shell; a run that is not over is dropped",
                                    .help = "At the end of the run it is verified and its records are complete, as after run.\n",
                                    .act = quit_act};
REGISTER_COMMAND(quit);

/* --- the beginning ------------------------------------------------------------------------------------------------- */

void shell_init(void)
{
    size_t size;

    if (!fwcfg_size(SCRIPT_FILE, &size)) {
        script = kmem_alloc_apart(size + 1);
        fwcfg_read(SCRIPT_FILE, script, size, &size);
        if (strlen(script) != size)
            refuse("the script holds a zero byte: it is a text with a command a line");
    } else if (!fwcfg_size(TERMINAL_FILE, &size)) {
        at_terminal = true;
    } else {
        return;
    }
    line.prompt = "tierlab> ";
    line.put = put;
    line.complete = complete;
    notes_init();
    stops_init();
}
