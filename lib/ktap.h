/*
 * The guest's tests: one function each, registered by name `area.case`, reported as flat KTAP on the console.
 *
 * A test runs with the booking at BOOK_OFF and a space of its own to play with. EXPECT_* notes a failure and goes on; a
 * test that cannot go on returns.
 */
#pragma once

#include "lib/keys.h"
#include "kernel/types.h"

struct test {
    const char *name, *summary;
    void (*run)(void);
    const char *(*skip)(void); /* the reason not to run here, or null; may be absent */
};

/* A test runs once: cold code is compiled for size, and the tests are in the image. */
#define TEST(function, test_name, test_summary)                                                                        \
    static __attribute__((cold)) void function(void);                                                                  \
    static const struct test test_##function = {.name = (test_name), .summary = (test_summary), .run = function};      \
    REGISTER_IN(tests, test_##function);                                                                               \
    static void function(void)

/* For tests that need the model. */
#define TEST_MODEL(function, test_name, test_summary)                                                                  \
    static __attribute__((cold)) void function(void);                                                                  \
    static const struct test test_##function = {                                                                       \
        .name = (test_name), .summary = (test_summary), .run = function, .skip = ktap_needs_model};                    \
    REGISTER_IN(tests, test_##function);                                                                               \
    static void function(void)

const char *ktap_needs_model(void);

/* Runs the tests whose name contains `pattern`, in order of name; returns the number that failed. */
unsigned ktap_run(const char *pattern);

/* What the running test is about at present, for its failures' text: up to three names, null for none. */
void ktap_about(const char *first, const char *second, const char *third);

/* Notes a failure of the running test; only the first one's text is shown on its line, the others follow as comments.
 */
void ktap_fail(const char *file, int line, const char *what, u64 want, u64 got);

#define EXPECT_EQ(want, got)                                                                                           \
    do {                                                                                                               \
        u64 want_ = (u64)(want), got_ = (u64)(got);                                                                    \
        if (want_ != got_)                                                                                             \
            ktap_fail(__FILE__, __LINE__, #got, want_, got_);                                                          \
    } while (0)
#define EXPECT(condition) EXPECT_EQ(1, !!(condition))
#define EXPECT_AT_MOST(limit, got)                                                                                     \
    do {                                                                                                               \
        u64 limit_ = (u64)(limit), got_ = (u64)(got);                                                                  \
        if (got_ > limit_)                                                                                             \
            ktap_fail(__FILE__, __LINE__, #got " (at most)", limit_, got_);                                            \
    } while (0)
