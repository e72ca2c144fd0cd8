# Millimetric tools.  GNU make.
#
#   make            build the commands into build/bin (gcc or clang; no engine needed)
#   make demo       install what is missing, build, run the whole pipeline on a sample
#   make check      install what the tests need and run them all
#   make bench      measure, beside cat, wc and jq
#   make install    PREFIX=/usr/local DESTDIR=

PREFIX  ?= /usr/local
DESTDIR ?=
BUILD   ?= build
CC      ?= cc
CFLAGS  ?= -O2 -g
WERROR  ?=

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wvla -Wwrite-strings -Wconversion -Wno-sign-conversion $(WERROR)
ALL_CFLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -fvisibility=hidden -fstack-protector-strong \
	$(WARNINGS) $(CFLAGS)
ALL_CPPFLAGS = -Ilib -Icmd -I$(BUILD) -MMD -MP $(CPPFLAGS)
ALL_LDFLAGS = -Wl,--as-needed $(LDFLAGS)
LIBS = -lcurl -lsodium -lmaxminddb -lz -lzstd -ldl

LIB_SRC = $(wildcard lib/*.c)
CMD_SRC = $(wildcard cmd/mm-*.c)
SHARED_SRC = $(filter-out $(CMD_SRC),$(wildcard cmd/*.c))
LIB_OBJ = $(LIB_SRC:%.c=$(BUILD)/%.o) $(SHARED_SRC:%.c=$(BUILD)/%.o)
BIN = $(CMD_SRC:cmd/%.c=$(BUILD)/bin/%)

all: $(BIN)

$(BUILD)/libmm.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $(LIB_OBJ)

$(BUILD)/%.o: %.c | $(BUILD)/dirs
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/bin/%: $(BUILD)/cmd/%.o $(BUILD)/libmm.a
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libmm.a $(LIBS)

$(BUILD)/dirs:
	@mkdir -p $(BUILD)/bin $(BUILD)/lib $(BUILD)/cmd $(BUILD)/tests
	@touch $@

clean:
	rm -rf $(BUILD)

.PHONY: all clean
.SECONDARY:
-include $(wildcard $(BUILD)/*/*.d)
