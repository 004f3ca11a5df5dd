# Tierlab. `make help` lists the targets; everything is built under build/.

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:

B := build
CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif
NASM ?= nasm
# Flags count where they are given to make itself (make CFLAGS=...): what an environment holds changes no number.
ifneq ($(origin CFLAGS),command line)
CFLAGS :=
endif
export LC_ALL := C
unexport CDPATH CPATH C_INCLUDE_PATH LIBRARY_PATH COMPILER_PATH GCC_EXEC_PREFIX NASMENV POSIXLY_CORRECT GREP_OPTIONS
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' $(1) $(2);)

# A path of this host would differ from clone to clone, and with it the id of every run.
PLACELESS := -ffile-prefix-map='$(CURDIR)'=.
WARNINGS := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wvla $(if $(filter 1,$(WERROR)),-Werror)
KERNEL_FLAGS := -std=gnu11 -O2 -g -ffreestanding -mno-red-zone -fno-pic -fno-stack-protector \
    -fno-omit-frame-pointer -fno-asynchronous-unwind-tables -fno-strict-aliasing -mcmodel=small -I. $(PLACELESS) $(WARNINGS) \
    -ffunction-sections # so that what nobody calls is left out
# No SSE in the kernel: handlers then have nothing to save. Workloads may use SSE2, without contraction.
core_flags := -mgeneral-regs-only
workload_flags := -msse2 -ffp-contract=off
# What never runs while the clock does, or is the laboratory's own, is small rather than fast: the image is limited.
$(addprefix $(B)/,lab/%.o machines/%.o report/%.o score/%.o shell/%.o tests/%.o): core_flags += -Os

CORE_SOURCES := $(sort $(wildcard $(addsuffix /*.c,kernel platform lib mm mm/* lab machines report score shell bench vm)))
CORE_SOURCES := $(filter-out kernel/offsets.c,$(CORE_SOURCES))
WORKLOAD_SOURCES := $(sort $(wildcard workloads/*.c workloads/*/*.c))
GUEST_HEADERS := $(wildcard $(addsuffix /*.h,kernel platform lib mm mm/* lab machines report score shell vm workloads workloads/*))
TEST_SOURCES := $(sort $(wildcard tests/guest/*.c))
ASM_SOURCES := $(sort $(wildcard boot/*.asm vm/*.asm))
OBJECTS := $(ASM_SOURCES:%.asm=$(B)/%.o) $(CORE_SOURCES:%.c=$(B)/%.o) $(WORKLOAD_SOURCES:%.c=$(B)/%.o)
# The guest's tests, and parts that do it wrong on purpose, are in an image of their own: all of the other one, and these.
TEST_OBJECTS := $(TEST_SOURCES:%.c=$(B)/%.o)
MODEL_SOURCES := $(sort $(wildcard model/*.c))

.PHONY: all iso native host-tests test test-long mutants bench figures docs bench-model debug help clean FORCE
all: $(B)/tierlab.elf32 $(B)/tierlab-tests.elf32 $(B)/model.so ## the image, the image with the tests, the plugin (default)

iso: $(B)/tierlab.iso $(B)/tierlab-tests.iso ## the bootable ISO (GRUB, multiboot2), for BIOS and UEFI

# What a file was built with, apart from this Makefile: the compiler, the assembler and the flags given to make.
$(B)/flags: export FLAGS_GIVEN := $(CFLAGS)
$(B)/flags: FORCE
	$(Q)mkdir -p $(@D); { $(CC) --version | head -n 1; $(NASM) --version; echo "$$FLAGS_GIVEN"; } >$@.new; \
	    cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(B)/offsets.inc: kernel/offsets.c kernel/exit.h kernel/trap.h model/abi.h vm/machine.h vm/svm.h Makefile $(B)/flags
	$(call say,GEN,$@)mkdir -p $(@D); $(CC) $(KERNEL_FLAGS) -S -o - $< | sed -n 's/^.*\.ascii "\(%define .*\)"$$/\1/p' >$@

$(B)/%.o: %.asm $(B)/offsets.inc Makefile $(B)/flags
	$(call say,NASM,$<)mkdir -p $(@D); $(NASM) -M -MT $@ -MP $< >$(@:.o=.d); $(NASM) -f elf64 -g -F dwarf -o $@ $<

$(B)/workloads/%.o: workloads/%.c Makefile $(B)/flags
	$(call say,CC,$<)mkdir -p $(@D); $(CC) $(KERNEL_FLAGS) $(workload_flags) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/%.o: %.c Makefile $(B)/flags
	$(call say,CC,$<)mkdir -p $(@D); $(CC) $(KERNEL_FLAGS) $(core_flags) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/linker.ld: linker.ld boot/units.sh $(OBJECTS) $(B)/objects Makefile
	$(Q)mkdir -p $(@D); bash boot/units.sh $(B) $(OBJECTS) >$(B)/units.h && $(CC) -E -P -I$(B) -x c -o $@ $<

# The payload of virtual machines: the workloads once more, at a machine's addresses, as a flat file in the image.
PAYLOAD_OBJECTS := $(addprefix $(B)/,vm/payload/start.o vm/payload/payload.o lab/program.o \
    lib/keys.o lib/number.o lib/registry.o lib/string.o kernel/console.o) $(WORKLOAD_SOURCES:%.c=$(B)/%.o)

$(B)/payload.elf: $(PAYLOAD_OBJECTS) vm/payload/payload.ld $(B)/objects
	$(call say,LD,$@)$(CC) -E -P -x c -o $(B)/payload.ld vm/payload/payload.ld; $(CC) -nostdlib -static -no-pie -Wl,--build-id=none \
	    -Wl,-z,noexecstack -Wl,--gc-sections -Wl,--no-warn-rwx-segments -Wl,-T,$(B)/payload.ld -Wl,-Map,$(B)/payload.map -o $@ $(PAYLOAD_OBJECTS)

$(B)/payload.bin: $(B)/payload.elf
	$(call say,OBJCOPY,$@)objcopy -O binary -j .image $< $@

$(B)/payload.bin.gz: $(B)/payload.bin
	$(Q)gzip -9nc $< >$@

$(B)/vm/image.o: $(B)/payload.bin.gz

# A list file makes the image follow files that were removed.
$(B)/objects: FORCE
	$(Q)mkdir -p $(@D); echo '$(OBJECTS) $(TEST_OBJECTS)' | cmp -s - $@ || echo '$(OBJECTS) $(TEST_OBJECTS)' >$@

# A student's part (tools/lab): the image with the tests and one file more, in a folder of its own.
LAB ?= $(B)/lab
$(LAB)/part.o: $(LAB)/part.c Makefile
	$(Q)$(CC) $(KERNEL_FLAGS) $(core_flags) -c -o $@ $<

$(B)/tierlab-tests.elf: $(TEST_OBJECTS)
$(LAB)/tierlab.elf: $(LAB)/part.o $(TEST_OBJECTS)
$(B)/tierlab.elf $(B)/tierlab-tests.elf $(LAB)/tierlab.elf: $(OBJECTS) $(B)/linker.ld $(B)/objects
	$(call say,LD,$@)$(CC) -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=16 -Wl,-z,noexecstack -Wl,--gc-sections \
	    -Wl,--no-warn-rwx-segments -Wl,-T,$(B)/linker.ld -Wl,-Map,$(@:.elf=.map) -o $@ $(filter %.o,$^)
	$(Q)nm -n $@ >$(@:.elf=.sym)

# QEMU's -kernel wants a 32-bit file for multiboot1; the code inside is the same.
%.elf32: %.elf
	$(call say,OBJCOPY,$@)objcopy -S -O elf32-i386 $< $@

# grub-mkrescue puts on it every firmware that GRUB's modules are installed for: i386-pc is the BIOS, x86_64-efi UEFI.
$(B)/iso-platforms: FORCE
	$(Q)mkdir -p $(@D); echo /usr/lib/grub/*/moddep.lst | cmp -s - $@ || echo /usr/lib/grub/*/moddep.lst >$@

$(B)/%.iso: $(B)/%.elf boot/grub.cfg $(B)/iso-platforms
	$(call say,ISO,$@)rm -rf $@.d; mkdir -p $@.d/boot/grub; objcopy -S $< $@.d/boot/tierlab; \
	    cp boot/grub.cfg $@.d/boot/grub/; grub-mkrescue -o $@ $@.d >$@.log 2>&1 || { cat $@.log; false; }

$(B)/model.so: $(MODEL_SOURCES) $(wildcard model/*.h) model/keys.def Makefile $(B)/flags
	$(call say,MODEL,$@)mkdir -p $(@D); $(CC) -std=gnu11 -O2 -g -fPIC -shared -fvisibility=hidden -I. $(PLACELESS) $(WARNINGS) \
	    $(CFLAGS) -o $@ $(MODEL_SOURCES)

# The workloads on the host, with the code generation of the image, and once more under sanitizers.
NATIVE_SOURCES := tools/native/native.c lab/program.c lib/keys.c lib/number.c lib/registry.c $(WORKLOAD_SOURCES)
NATIVE_FLAGS := -std=gnu11 -O2 -g -mno-red-zone -fno-pic -fno-stack-protector -fno-omit-frame-pointer -fno-strict-aliasing \
    -I. $(PLACELESS) $(WARNINGS) $(workload_flags)

native: $(B)/native/tierlab $(B)/native/tierlab-sanitized $(B)/native/to-trace-sanitized ## the workloads as host programs, plain and under sanitizers

$(B)/native/native.ld: tools/native/native.ld Makefile
	$(Q)mkdir -p $(@D); $(CC) -E -P -x c -o $@ $<

$(B)/native/tierlab: $(NATIVE_SOURCES) $(GUEST_HEADERS) $(B)/native/native.ld $(B)/objects Makefile $(B)/flags
	$(call say,NATIVE,$@)$(CC) $(NATIVE_FLAGS) $(CFLAGS) -static -no-pie -Wl,-T,$(B)/native/native.ld -o $@ $(NATIVE_SOURCES)

$(B)/native/tierlab-sanitized: $(NATIVE_SOURCES) $(GUEST_HEADERS) $(B)/native/native.ld $(B)/objects Makefile $(B)/flags
	$(call say,NATIVE,$@)$(CC) $(NATIVE_FLAGS) -O1 -fsanitize=address,undefined -fno-sanitize-recover=all $(CFLAGS) -no-pie \
	    -Wl,-T,$(B)/native/native.ld -o $@ $(NATIVE_SOURCES)

# The converter of recordings: tools/to-trace builds it.
TRACE_SOURCES := $(sort $(wildcard tools/trace/*.c))

$(B)/to-trace: $(TRACE_SOURCES) tools/trace/trace.h Makefile
	$(call say,CC,$@)mkdir -p $(@D); $(CC) -std=gnu11 -O2 -g -I. $(WARNINGS) $(CFLAGS) -o $@.new $(TRACE_SOURCES) && mv $@.new $@

$(B)/native/to-trace-sanitized: $(TRACE_SOURCES) tools/trace/trace.h Makefile
	$(call say,CC,$@)mkdir -p $(@D); $(CC) $(HOST_FLAGS) $(WARNINGS) $(CFLAGS) -o $@ $(TRACE_SOURCES)

# Pure code on the host, under sanitizers; a test's first comment names the sources that it is built with.
HOST_TESTS := $(sort $(wildcard tests/host/*_test.c))
HOST_PROGRAMS := $(HOST_TESTS:tests/host/%.c=$(B)/host/%)
HOST_FLAGS := -std=gnu11 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-strict-aliasing -DTIERLAB_HOST -I.

$(B)/host/%: tests/host/%.c $(GUEST_HEADERS) $(CORE_SOURCES) $(WORKLOAD_SOURCES) $(wildcard tests/host/*.[ch] model/*.[ch]) Makefile $(B)/flags
	$(call say,HOST,$<)mkdir -p $(@D); $(CC) $(HOST_FLAGS) $(CFLAGS) -o $@ $< \
	    $$(tr '\n' ' ' <$< | sed 's|^/\* sources: \([^*]*\)\*/.*|\1|') -lm

host-tests: $(HOST_PROGRAMS) ## build the host tests

CLI_TESTS := $(sort $(wildcard tests/cli/*.sh))
LONG_TESTS := $(sort $(wildcard tests/long/*.sh))

test: all iso native host-tests ## what CI runs
	$(Q)tests/run tests/structure.sh $(HOST_PROGRAMS) './run-qemu.sh test' './run-qemu.sh test daemons=0' './run-qemu.sh test --no-model' $(CLI_TESTS)

test-long: all iso native host-tests ## the rest: 20 repeats, large memory, every workload everywhere, other QEMU versions, third parties
	$(Q)tests/run $(LONG_TESTS)

mutants: all iso ## seeded bugs: which does a test notice? (tests/mutate, part of test-long)
	$(Q)tests/mutate

bench: all ## microbenchmarks of the mechanisms
	$(Q)./run-qemu.sh bench

figures: all ## every experiment, with its table and figure, under results/experiments/
	$(Q)for f in experiments/*.conf; do ./run-qemu.sh experiment $$(basename $$f .conf) || exit; done

docs: all ## what README.md and docs/ show of commands' output, measured and drawn again
	$(Q)tools/docs

bench-model: all ## what the model costs, and how long a start takes, on this host (wall clock: not a test)
	$(Q)tools/bench-model

# What the page that `./run-qemu.sh replay` writes takes from npm, at the versions of the lock file.
$(B)/replay/modules: tools/replay/package.json tools/replay/package-lock.json tools/replay/.npmrc
	$(call say,NPM,$@)rm -rf $(@D); mkdir -p $(@D); cp $^ $(@D); cd $(@D) && npm ci --loglevel=error --no-progress >npm.log && mv node_modules modules

compile_commands.json: Makefile ## for editors
	$(Q){ echo '['; for f in $(CORE_SOURCES) $(TEST_SOURCES) $(WORKLOAD_SOURCES); do \
	    printf '{"directory":"%s","file":"%s","command":"$(CC) $(KERNEL_FLAGS) -c %s"},\n' "$(CURDIR)" $$f $$f; done | sed '$$s/,$$//'; \
	    echo ']'; } >$@

debug: all ## a run in gdb, stopped in kmain, with tools/gdb.py (docs/debug.md); KEYS='key=value ...' are the run's
	$(Q)tools/debug $(KEYS)

help: ## this list
	@sed -n 's/^\([a-z_.-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

clean: ## remove build/
	rm -rf $(B)

FORCE:
-include $(OBJECTS:.o=.d) $(TEST_OBJECTS:.o=.d) $(PAYLOAD_OBJECTS:.o=.d)
