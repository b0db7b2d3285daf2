# pagewalk: `make run` starts it, `make test` proves it. `make help` lists the rest.
# Variables: BUILD (where things go), MODE=release|debug|asan|tsan|fuzz, CC, CFLAGS, PREFIX, DESTDIR, V=1.

BUILD   ?= build
MODE    ?= release
PREFIX  ?= /usr/local
JOBS    ?= $(shell nproc 2>/dev/null || echo 2)
PKG_CONFIG ?= pkg-config
VERSION := 0.1.0

# Low to high. The library is everything but main.c, so that tests reach the program too; scripts/lint reads this line.
FLOORS  := base hw os user machine replay lesson view app
PKGS    := ncursesw libcjson lua5.4 zlib libzstd

WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef \
           -Wpointer-arith -Wwrite-strings -Werror
MODE_release := -O2 -g
MODE_debug   := -O0 -g -DPW_DEBUG
MODE_tsan    := -O1 -g -fsanitize=thread
MODE_asan    := -O1 -g -DPW_DEBUG -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
# The library is only instrumented; the fuzzer's own main comes in where a fuzzer is linked.
MODE_fuzz    := $(MODE_asan) -fsanitize=fuzzer-no-link
# What judges is not what is explored: without tracing it runs twice as fast.
$(addprefix $(BUILD)/obj/src/machine/,census.o invariant.o invariant_space.o): MODE_fuzz := $(MODE_asan)

# Asked once, and only when something is compiled: on a fresh machine pkg-config comes with `make setup`.
PKG_CFLAGS = $(eval PKG_CFLAGS := $(patsubst -D_XOPEN_SOURCE=%,,$(shell $(PKG_CONFIG) --cflags $(PKGS))))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $(shell $(PKG_CONFIG) --libs $(PKGS)) -lm)$(PKG_LIBS)
ALL_CFLAGS = -std=c11 -pthread -D_GNU_SOURCE -Isrc -Itests -I$(BUILD)/gen $(WARN) $(MODE_$(MODE)) \
             -ffile-prefix-map=$(CURDIR)=. -DPW_VERSION='"$(VERSION)"' -DPW_DATADIR='"$(PREFIX)/share/pagewalk"' \
             $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = -pthread $(filter -fsanitize=%,$(MODE_$(MODE)) $(CFLAGS)) $(LDFLAGS)

MAKEFLAGS += --no-print-directory
Q   := $(if $(V),,@)
SAY := $(if $(findstring s,$(firstword -$(MAKEFLAGS))),@:,@echo)

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard $(1))))
APP_OBJ := $(call objects,src/app/main.c)
LIB_OBJ := $(filter-out $(APP_OBJ),$(call objects,$(patsubst %,src/%/*.c,$(FLOORS))))
# What several tests share; a program in tests/ or scripts/bench.d/ is one file, the library and this.
SUPPORT := $(call objects,tests/support/*.c)
TESTS   := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/*/test_*.c)))
HASHES  := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/hashes/hash_*.c)))
BENCHES := $(patsubst scripts/bench.d/%.c,$(BUILD)/bench/%,$(sort $(wildcard scripts/bench.d/*.c)))
PROGRAM := $(if $(APP_OBJ),$(BUILD)/pagewalk)
MANUAL  := $(if $(APP_OBJ),$(BUILD)/pagewalk-lesson.5)

.DELETE_ON_ERROR:
.PHONY: all run setup check test lint asan valgrind bench fuzz soak install uninstall clean help programs hashes FORCE
.SECONDARY:

all: $(PROGRAM) $(MANUAL) ## build build/pagewalk

run: ## install what building needs, build, start
	@scripts/setup build
	@$(MAKE) -s -j$(JOBS) all
	@$(BUILD)/pagewalk $(ARGS)

setup: ## install what building and testing needs
	@scripts/setup test

# --- building ---------------------------------------------------------------------------------

$(BUILD)/pagewalk: $(APP_OBJ) $(BUILD)/libpagewalk.a
	$(SAY) "  LINK $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)

# The page's reference part is what the program says of its own tables; it stands where the page has ".\" REFERENCE".
$(BUILD)/pagewalk-lesson.5: assets/pagewalk-lesson.5.in $(BUILD)/pagewalk
	$(SAY) "  MAN  $@"
	$(Q)$(BUILD)/pagewalk lesson api --format mdoc >$@.part
	$(Q)sed -e '/REFERENCE/r $@.part' -e '/REFERENCE/d' $< >$@

$(BUILD)/libpagewalk.a: $(LIB_OBJ)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	$(SAY) "  CC   $<"
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Changes only when the compiler or a flag does; then everything is built again.
$(BUILD)/flags: FORCE
	@$(PKG_CONFIG) --exists $(PKGS) || { echo "A library is missing: 'make setup' installs it." >&2; exit 1; }
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(CC) $(ALL_CFLAGS))' | cmp -s - $@ || echo '$(subst ','\'',$(CC) $(ALL_CFLAGS))' >$@

link_test = $(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -MF $@.d $(ALL_LDFLAGS) -o $@ $< $(SUPPORT) \
            $(BUILD)/libpagewalk.a -lcmocka $(PKG_LIBS) $(LDLIBS)
TEST_DEPS := $(BUILD)/libpagewalk.a $(SUPPORT) $(BUILD)/flags
$(BUILD)/tests/%: tests/%.c $(TEST_DEPS)
	$(SAY) "  TEST $<"
	$(link_test)
$(BUILD)/tests/fuzz/fuzz_%: ALL_LDFLAGS += -fsanitize=fuzzer
$(BUILD)/tests/fuzz/%_lesson: ALL_LDFLAGS += -Wl,--wrap=sandbox_open
$(BUILD)/bench/walks: LDLIBS += -lunicorn
$(BUILD)/bench/%: scripts/bench.d/%.c $(TEST_DEPS)
	$(SAY) "  BENCH $<"
	$(link_test)

# What tests preload into the program, to let chosen calls fail.
$(BUILD)/tests/faults/inject.so: tests/faults/inject.c
	$(Q)mkdir -p $(@D) && $(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O2 -shared -fPIC -o $@ $<

programs: all $(TESTS) $(BUILD)/tests/faults/inject.so
hashes: $(HASHES)

# --- proving ----------------------------------------------------------------------------------
# tests/run says what a suite is. SUITE@BUILD runs one from another build directory.

ASAN   := $(BUILD)/asan
SUITES := property vectors unit golden lessons fuzz e2e traces
# Hundreds of millions of references; what counts them is sanitized in the property tests.
QUICK  := $(filter-out traces,$(SUITES))

check: setup ## the quick part, under a minute: lint and unit tests
	@$(MAKE) -s -j$(JOBS) programs
	@$(MAKE) -s lint-flags && BUILD=$(BUILD) tests/run unit lint

# Everything is built before anything runs, but the other variants of tests/hashes/.
test: setup ## everything, under 15 minutes on two cores
	@$(MAKE) -s -j$(JOBS) programs hashes
	@$(MAKE) -s -j$(JOBS) programs BUILD=$(ASAN) MODE=asan
	@$(BUILD)/pagewalk list rows
	@$(MAKE) -s lint-flags && BUILD=$(BUILD) tests/run \
	    $(SUITES) hashes lint memcheck memory faults $(addsuffix @$(ASAN),$(QUICK))

lint: lint-flags ## floors, headers, forbidden words and calls
	@BUILD=$(BUILD) scripts/lint

# The flags a header is compiled with alone.
lint-flags: $(BUILD)/flags

asan: ## every suite with the address and undefined-behaviour sanitizers
	@$(MAKE) -s -j$(JOBS) programs BUILD=$(ASAN) MODE=asan
	@BUILD=$(BUILD) tests/run $(addsuffix @$(ASAN),$(QUICK))

valgrind: ## unit tests, each lesson and a terminal session under valgrind
	@$(MAKE) -s -j$(JOBS) programs
	@BUILD=$(BUILD) tests/run memcheck memory

THREADS := $(BUILD)/tsan
THREADED = $(addprefix $(THREADS)/tests/unit/,test_belt test_replay)

soak: ## the property tests, SCALE times as long, every trace, and threads under the thread sanitizer
	@$(MAKE) -s -j$(JOBS) programs
	@$(MAKE) -s -j$(JOBS) BUILD=$(THREADS) MODE=tsan $(THREADED)
	@for test in $(THREADED); do PW_SLOW=2 $$test || exit 1; done
	@PW_SCALE=$(or $(SCALE),100) PW_TIMEOUT=86400 BUILD=$(BUILD) tests/run property traces

bench: ## measure, and compare with the targets
	@scripts/setup bench
	@$(MAKE) -s -j$(JOBS) all $(BENCHES)
	@BUILD=$(BUILD) scripts/bench

fuzz: ## each fuzzer for SECONDS
	@scripts/setup test
	@BUILD=$(BUILD) scripts/fuzz $(or $(SECONDS),60)

clean:
	rm -rf $(BUILD)

# --- installing -------------------------------------------------------------------------------

SHARE := $(DESTDIR)$(PREFIX)/share
# Where each shell looks by itself.
COMPLETION_bash := bash-completion/completions/pagewalk
COMPLETION_zsh  := zsh/site-functions/_pagewalk
COMPLETION_fish := fish/vendor_completions.d/pagewalk.fish
install: all ## to DESTDIR and PREFIX
	install -D -m 755 $(BUILD)/pagewalk $(DESTDIR)$(PREFIX)/bin/pagewalk
	find assets lessons -type f ! -name 'pagewalk*.[15]*' -exec install -D -m 644 {} $(SHARE)/pagewalk/{} \;
	install -D -m 644 assets/pagewalk.1 $(SHARE)/man/man1/pagewalk.1
	install -D -m 644 $(BUILD)/pagewalk-lesson.5 $(SHARE)/man/man5/pagewalk-lesson.5
	for shell in bash zsh fish; do \
	    $(BUILD)/pagewalk completion $$shell >$(BUILD)/completion.$$shell || exit 1; done
	install -D -m 644 $(BUILD)/completion.bash $(SHARE)/$(COMPLETION_bash)
	install -D -m 644 $(BUILD)/completion.zsh $(SHARE)/$(COMPLETION_zsh)
	install -D -m 644 $(BUILD)/completion.fish $(SHARE)/$(COMPLETION_fish)
	install -D -m 644 LICENSE $(SHARE)/doc/pagewalk/LICENSE

uninstall: ## take it away again
	rm -f $(DESTDIR)$(PREFIX)/bin/pagewalk $(SHARE)/man/man1/pagewalk.1 $(SHARE)/man/man5/pagewalk-lesson.5 \
	    $(addprefix $(SHARE)/,$(COMPLETION_bash) $(COMPLETION_zsh) $(COMPLETION_fish))
	rm -rf $(SHARE)/pagewalk $(SHARE)/doc/pagewalk

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

-include $(LIB_OBJ:.o=.d) $(APP_OBJ:.o=.d) $(SUPPORT:.o=.d) $(TESTS:=.d) $(HASHES:=.d) $(BENCHES:=.d)
