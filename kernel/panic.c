#include "kernel/panic.h"
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/exit.h"
#include "kernel/trap.h"

#define NR_EVENTS 32
#define MAX_DEPTH 24

static struct event {
    const char *what;
    u64 a, b, tsc;
} events[NR_EVENTS];
static u32 nr_events;

static const char *policy_name = "none", *workload_name = "none";
static int panics;

extern char image_start[], image_end[];

void trace(const char *what, u64 a, u64 b)
{
    events[nr_events++ % NR_EVENTS] = (struct event){what, a, b, rdtsc()};
}

void panic_context(const char *policy, const char *workload)
{
    policy_name = policy;
    workload_name = workload;
}

void machine_exit(enum exit_code code)
{
    outb(EXIT_PORT, (u8)code);
    for (;;) /* no exit device: stop here */
        __asm__ volatile("cli; hlt");
}

static void print_events(void)
{
    u32 first = nr_events > NR_EVENTS ? nr_events - NR_EVENTS : 0;

    for (u32 i = first; i < nr_events; i++) {
        const struct event *e = &events[i % NR_EVENTS];
        kprintf("EVENT: %lu %s %lx %lx\n", e->tsc, e->what, e->a, e->b);
    }
}

/* Frame pointers are kept, so a frame is {caller's rbp, return address}. All stacks lie inside the image. */
static void print_stack(u64 rip, u64 rbp)
{
    kprintf("STACK: 0x%lx", rip);
    for (int i = 0; i < MAX_DEPTH && rbp >= (u64)image_start && rbp < (u64)image_end - 16 && rbp % 8 == 0; i++) {
        const u64 *frame = (const u64 *)rbp;
        if (!frame[1])
            break;
        kprintf(" 0x%lx", frame[1] - 1); /* minus one: inside the call, not behind it */
        if (frame[0] <= rbp)
            break;
        rbp = frame[0];
    }
    kprintf("\n");
}

static void panic_begin(void)
{
    interrupts_off();
    if (panics++) {
        kprintf("PANIC: again, while panicking\n");
        machine_exit(EXIT_PANIC);
    }
}

__attribute__((noreturn)) static void panic_end(u64 rip, u64 rbp)
{
    kprintf("CR2=%lx CR3=%lx policy=%s workload=%s tsc=%lu\n", read_cr2(), read_cr3(), policy_name, workload_name,
            rdtsc());
    print_events();
    print_stack(rip, rbp);
    machine_exit(EXIT_PANIC);
}

void panic_at(const char *file, int line, const char *format, ...)
{
    va_list args;

    panic_begin();
    kprintf("\nPANIC: ");
    va_start(args, format);
    kvprintf(format, args);
    va_end(args);
    kprintf(" at %s:%d\n", file, line);
    panic_end((u64)__builtin_return_address(0) - 1, (u64)__builtin_frame_address(0));
}

void panic_exception(const struct trap_frame *f)
{
    panic_begin();
    kprintf("\nPANIC: exception %lu (%s), error code %lx, at %lx\n", f->vector, trap_name(f->vector), f->error, f->rip);
    kprintf("RAX=%lx RBX=%lx RCX=%lx RDX=%lx\nRSI=%lx RDI=%lx RBP=%lx RSP=%lx\n", f->rax, f->rbx, f->rcx, f->rdx,
            f->rsi, f->rdi, f->rbp, f->rsp);
    kprintf("R8=%lx R9=%lx R10=%lx R11=%lx\nR12=%lx R13=%lx R14=%lx R15=%lx\nRIP=%lx RFLAGS=%lx\n", f->r8, f->r9,
            f->r10, f->r11, f->r12, f->r13, f->r14, f->r15, f->rip, f->rflags);
    panic_end(f->rip, f->rbp);
}

static void say(const char *format, va_list args)
{
    kprintf("tierlab: ");
    kvprintf(format, args);
    kprintf("\n");
}

void refuse(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(format, args);
    machine_exit(EXIT_REFUSED);
}

void unfit(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(format, args);
    machine_exit(EXIT_UNFIT);
}
