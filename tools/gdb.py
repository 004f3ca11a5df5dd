"""Tierlab in gdb: source this with a guest's image loaded (tools/debug does both). docs/debug.md shows a session.

    tl-walk PAGE|ADDRESS    the entry of every level on the way to a page of the arena, or to any address, bits by name
    tl-page N               a page of the arena: its entry, tier, and the list that it is on
    tl-lists [N]            the classifier's lists, the first N pages of each

Printers show entries, observations, orders and lists; backtraces go on from a handler into what it interrupted.
"""

import os
import re

import gdb
import gdb.printing
import gdb.unwinder

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE_SHIFT, ENTRIES, LEVELS = 12, 512, 4
NO_PAGE = 0xFFFFFFFF
TIERS = ["fast", "slow"]


def read_bits():
    """Names and masks of an entry's flags: mm/pte.h alone knows them."""
    text = open(os.path.join(ROOT, "mm/pte.h"), encoding="ascii").read()
    found = re.findall(r"#define PTE_(\w+)\s+\(\(u64\)1 << (\d+)\)", text)
    return [(name, 1 << int(bit)) for name, bit in found]


def read_direct_va():
    text = open(os.path.join(ROOT, "model/abi.h"), encoding="ascii").read()
    return int(re.search(r"#define DIRECT_VA (0x[0-9a-f]+)ull", text).group(1), 16)


BITS = read_bits()
BIT = dict(BITS)
DIRECT_VA = read_direct_va()
ADDRESS_MASK = 0x000FFFFFFFFFF000  # PTE_ADDRESS


def read_u64(address):
    return int.from_bytes(bytes(gdb.selected_inferior().read_memory(address, 8)), "little")


def tier_of(frame):
    """The tier whose pool has this frame; None for the kernel's own memory."""
    for tier in range(2):
        pool = gdb.parse_and_eval("frame_pools[%d]" % tier)
        if 0 <= frame - int(pool["first"]) < int(pool["nr_frames"]):
            return tier
    return None


def entry_text(bits):
    if not bits:
        return "empty"
    names = [name.lower() for name, mask in BITS if bits & mask]
    return "frame 0x%x %s" % ((bits & ADDRESS_MASK) >> PAGE_SHIFT, " ".join(names) or "no bits")


def arena():
    return gdb.parse_and_eval("arena")


def page_address(page):
    return int(arena()["base"]) + (page << PAGE_SHIFT)


def entry_address(page):
    """Where the page's entry of level 1 is; 0 when there is no table for it yet."""
    table = int(arena()["tables"][page // ENTRIES])
    return table + 8 * (page % ENTRIES) if table else 0


def page_number(text):
    page, pages = int(gdb.parse_and_eval(text)), int(arena()["nr_pages"])
    if not 0 <= page < pages:
        raise gdb.GdbError("page %d: the arena has pages 0 to %d" % (page, pages - 1))
    return page


class Walk(gdb.Command):
    """tl-walk PAGE|ADDRESS: the entries on the way to a page of the arena, or to an address of the running tables."""

    def __init__(self):
        super().__init__("tl-walk", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        if not argument:
            raise gdb.GdbError("tl-walk: a page of the arena or an address is needed")
        value = int(gdb.parse_and_eval(argument)) & (2**64 - 1)
        address = page_address(value) if value < int(arena()["nr_pages"]) else value
        table = DIRECT_VA + (int(gdb.newest_frame().read_register("cr3")) & ADDRESS_MASK)
        print("address 0x%x" % address)
        for level in range(LEVELS, 0, -1):
            index = address >> (PAGE_SHIFT + 9 * (level - 1)) & (ENTRIES - 1)
            bits = read_u64(table + 8 * index)
            print("  level %d entry %3d: %s" % (level, index, entry_text(bits)))
            if not bits & BIT["PRESENT"] or bits & BIT["LARGE"] and level > 1:
                break
            table = DIRECT_VA + (bits & ADDRESS_MASK)


def classifier_lists():
    """The classifier's name, its state, and (name, list) of each list in it."""
    part = arena()["classifier"]
    if not int(part):
        return None, None, []
    name = part["part"]["name"].string()
    state = arena()["own"][1]  # CLASSIFIER
    try:
        state = state.cast(gdb.lookup_type("struct " + name).pointer()).dereference()
    except gdb.error:
        return name, None, []
    found = []
    for field in state.type.fields():
        value = state[field.name]
        if str(value.type.strip_typedefs()) == "struct page_list":
            found.append((field.name, value))
        elif re.match(r"struct page_list \[", str(value.type)):
            first, last = value.type.range()
            found += [("%s[%d]" % (field.name, i), value[i]) for i in range(first, last + 1)]
    return name, state, found


def walk_list(head):
    """The pages of a list, from its head."""
    pages, end = arena()["pages"], int(head["end"])
    page = int(pages[end]["next"])
    for _ in range(int(head["count"])):
        if page == end:
            return
        yield page
        page = int(pages[page]["next"])


class Lists(gdb.Command):
    """tl-lists [N]: the classifier's lists, with the first N (8) pages of each."""

    def __init__(self):
        super().__init__("tl-lists", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        first = int(gdb.parse_and_eval(argument)) if argument else 8
        name, state, lists = classifier_lists()
        if not lists:
            print("the classifier (%s) keeps no lists" % (name or "none"))
        for title, head in lists:
            shown = []
            for page in walk_list(head):
                if len(shown) == first:
                    break
                shown.append(page)
            more = " ..." if int(head["count"]) > len(shown) else ""
            print("%s %s: %d pages: %s%s" % (name, title, int(head["count"]), " ".join(map(str, shown)), more))


class Page(gdb.Command):
    """tl-page N: a page of the arena."""

    def __init__(self):
        super().__init__("tl-page", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        if not argument:
            raise gdb.GdbError("tl-page: the number of a page is needed")
        page = page_number(argument)
        where = entry_address(page)
        bits = read_u64(where) if where else 0
        print("page %d, address 0x%x" % (page, page_address(page)))
        print("  entry at 0x%x: %s" % (where, entry_text(bits)))
        if bits:
            tier = tier_of((bits & ADDRESS_MASK) >> PAGE_SHIFT)
            print("  tier: %s" % ("?" if tier is None else TIERS[tier]))
        name, state, lists = classifier_lists()
        for title, head in lists:
            for place, other in enumerate(walk_list(head)):
                if other == page:
                    print("  %s %s: place %d of %d" % (name, title, place + 1, int(head["count"])))
                    return
        if lists:
            print("  on none of the lists of %s" % name)


class EntryPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return entry_text(int(self.value["bits"]))


class ObservationPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        flags = int(self.value["flags"])
        how = [name for name, bit in (("read", 1), ("written", 2)) if flags & bit]
        return "page %d seen%s, weight %d" % (int(self.value["page"]), " " + " and ".join(how) if how else "", int(self.value["weight"]))


class OrderPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        page = int(self.value["page"])
        return "no order" if page == NO_PAGE else "page %d to the %s tier, reason %d" % (
            page, TIERS[int(self.value["to"])], int(self.value["reason"]))


class ListPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return "%d pages, end %d" % (int(self.value["count"]), int(self.value["end"]))


class LinksPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return "page %d <- -> page %d" % (int(self.value["prev"]), int(self.value["next"]))


class StubUnwinder(gdb.unwinder.Unwinder):
    """From a handler into what it interrupted. The stubs are assembly and say nothing of their stack; but where they have called
    the handler, it holds what boot/stubs.asm pushed, lowest address first, and then what the processor did."""

    PUSHED = {
        "exception_common": "r15 r14 r13 r12 r11 r10 r9 r8 rdi rsi rbp rbx rdx rcx rax vector error",
        "tick_stub": "r11 r10 r9 r8 rdi rsi rbp rbx rcx rdx rax",
    }

    def __init__(self):
        super().__init__("tierlab-stubs")
        self.returns = None

    def find_returns(self):
        """Where each stub goes on after its call: the address, and what lies on the stack there."""
        self.returns = {}
        architecture = gdb.selected_inferior().architecture()
        for symbol, pushed in self.PUSHED.items():
            start = int(gdb.parse_and_eval("(unsigned long)&%s" % symbol))
            for instruction in architecture.disassemble(start, count=40):
                if instruction["asm"].startswith("call"):
                    self.returns[instruction["addr"] + instruction["length"]] = pushed.split()
                    break

    def __call__(self, pending):
        if self.returns is None:
            self.find_returns()
        pushed = self.returns.get(int(pending.read_register("rip")))
        if pushed is None:
            return None
        stack = int(pending.read_register("rsp"))
        info = pending.create_unwind_info(StubFrame(pending.read_register("rsp"), pending.read_register("rip")))
        word = gdb.lookup_type("unsigned long")
        for i, name in enumerate(pushed + ["rip", "cs", "eflags", "rsp"]):
            if name in ("vector", "error", "cs", "eflags"):
                continue
            value = gdb.Value(read_u64(stack + 8 * i)).cast(word)
            info.add_saved_register(name, value)
        return info


class StubFrame:
    def __init__(self, sp, pc):
        self.sp = sp
        self.pc = pc


printers = gdb.printing.RegexpCollectionPrettyPrinter("tierlab")
printers.add_printer("pte_t", "^pte_t$", EntryPrinter)
printers.add_printer("observation", "^observation$", ObservationPrinter)
printers.add_printer("order", "^order$", OrderPrinter)
printers.add_printer("page_list", "^page_list$", ListPrinter)
printers.add_printer("page", "^page$", LinksPrinter)
gdb.printing.register_pretty_printer(None, printers, replace=True)
gdb.unwinder.register_unwinder(None, StubUnwinder(), replace=True)
for command in (Walk, Page, Lists):
    command()
