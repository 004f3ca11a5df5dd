/* The instructions that C cannot say. References are to the Intel SDM, vol. 2 and 3A. */
#pragma once

#include "kernel/types.h"

static inline void outb(u16 port, u8 value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline u8 inb(u16 port)
{
    u8 value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void outw(u16 port, u16 value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outl(u16 port, u32 value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline u32 inl(u16 port)
{
    u32 value;
    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

/* `size` bytes of a port, one after the other. */
static inline void insb(u16 port, void *to, size_t size)
{
    __asm__ volatile("rep insb" : "+D"(to), "+c"(size) : "d"(port) : "memory");
}

/* Under `-icount shift=0` the time-stamp counter counts instructions. */
static inline u64 rdtsc(void)
{
    u32 low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (u64)high << 32 | low;
}

static inline u64 rdmsr(u32 msr)
{
    u32 low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (u64)high << 32 | low;
}

static inline void wrmsr(u32 msr, u64 value)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)));
}

static inline u64 read_cr2(void)
{
    u64 value;
    __asm__ volatile("mov %%cr2, %0" : "=r"(value));
    return value;
}

static inline u64 read_cr3(void)
{
    u64 value;
    __asm__ volatile("mov %%cr3, %0" : "=r"(value));
    return value;
}

/* Also drops every non-global TLB entry and paging-structure cache (SDM 3A, 4.10.4.1). */
static inline void write_cr3(u64 value)
{
    __asm__ volatile("mov %0, %%cr3" : : "r"(value) : "memory");
}

static inline void invlpg(vaddr_t va)
{
    __asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

static inline void cpuid(u32 leaf, u32 subleaf, u32 out[4])
{
    __asm__ volatile("cpuid" : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3]) : "a"(leaf), "c"(subleaf));
}

static inline void interrupts_on(void)
{
    __asm__ volatile("sti" : : : "memory");
}

static inline void interrupts_off(void)
{
    __asm__ volatile("cli" : : : "memory");
}

/* Lets interrupts in again after a machine was left (STGI; AMD64 APM vol. 2, 15.17). */
static inline void interrupts_global_on(void)
{
    __asm__ volatile("stgi" : : : "memory");
}

static inline u64 interrupts_save(void)
{
    u64 flags;
    __asm__ volatile("pushfq; popq %0; cli" : "=r"(flags) : : "memory");
    return flags;
}

static inline void interrupts_restore(u64 flags)
{
    __asm__ volatile("pushq %0; popfq" : : "r"(flags) : "memory", "cc");
}

/* 512 turns of eight bytes: QEMU counts an instruction a turn. */
static inline void copy_page(void *to, const void *from)
{
    u64 turns = PAGE_SIZE / 8;
    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(turns) : : "memory");
}

/* The same for frames that lie in a row. */
static inline void copy_frames(void *to, const void *from, u64 frames)
{
    u64 turns = frames * (PAGE_SIZE / 8);
    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(turns) : : "memory");
}

static inline void zero_frames(void *first, u64 frames)
{
    u64 turns = frames * (PAGE_SIZE / 8);
    __asm__ volatile("rep stosq" : "+D"(first), "+c"(turns) : "a"(0ull) : "memory");
}

static inline void zero_page(void *page)
{
    u64 turns = PAGE_SIZE / 8;
    __asm__ volatile("rep stosq" : "+D"(page), "+c"(turns) : "a"(0ull) : "memory");
}
