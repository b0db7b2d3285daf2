# pagewalk: `make run` starts it, `make test` proves it. Both call the set-up script first.
# Variables: BUILD (where things go), MODE=release|debug|asan, CC, CFLAGS, PREFIX, DESTDIR, V=1.

BUILD   ?= build
MODE    ?= release
PREFIX  ?= /usr/local
PKG_CONFIG ?= pkg-config
VERSION := 0.1.0

FLOORS  := base hw os machine lesson view app
PKGS    := ncursesw libcjson lua5.4 zlib libzstd

WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef \
           -Wpointer-arith -Wwrite-strings -Werror
MODE_release := -O2 -g
MODE_debug   := -O0 -g -DPW_DEBUG
MODE_asan    := -O1 -g -DPW_DEBUG -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

PKG_CFLAGS = $(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   = $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null) -lm
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -Isrc -I$(BUILD)/gen $(WARN) $(MODE_$(MODE)) \
             -ffile-prefix-map=$(CURDIR)=. -DPW_VERSION='"$(VERSION)"' -DPW_DATADIR='"$(PREFIX)/share/pagewalk"' \
             $(patsubst -D_XOPEN_SOURCE=%,,$(PKG_CFLAGS)) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(filter -fsanitize=%,$(MODE_$(MODE))) $(LDFLAGS)

Q := $(if $(V),,@)

SRC_app   := $(sort $(wildcard src/app/*.c))
LIB_SRC   := $(sort $(foreach f,$(filter-out app,$(FLOORS)),$(wildcard src/$(f)/*.c)))
LIB_OBJ   := $(LIB_SRC:%.c=$(BUILD)/obj/%.o)
APP_OBJ   := $(SRC_app:%.c=$(BUILD)/obj/%.o)
UNIT      := $(sort $(wildcard tests/unit/test_*.c) $(wildcard tests/property/test_*.c))
UNIT_BIN  := $(patsubst tests/%.c,$(BUILD)/tests/%,$(UNIT))

.PHONY: all run setup test check clean
all: $(BUILD)/pagewalk

$(BUILD)/pagewalk: $(APP_OBJ) $(BUILD)/libpagewalk.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) $(LDLIBS)

$(BUILD)/libpagewalk.a: $(LIB_OBJ)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/obj/%.o: %.c
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# A test program is one file plus the library; helpers that several tests share are in tests/support/.
SUPPORT_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard tests/support/*.c)))
$(BUILD)/tests/%: tests/%.c $(BUILD)/libpagewalk.a $(SUPPORT_OBJ)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Itests -MMD -MP -MF $@.d $(ALL_LDFLAGS) -o $@ $< $(SUPPORT_OBJ) $(BUILD)/libpagewalk.a -lcmocka $(PKG_LIBS)
$(BUILD)/obj/tests/%.o: ALL_CFLAGS += -Itests

clean:
	rm -rf $(BUILD)

-include $(LIB_OBJ:.o=.d) $(APP_OBJ:.o=.d) $(SUPPORT_OBJ:.o=.d) $(UNIT_BIN:=.d)
