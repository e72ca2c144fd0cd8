# Millimetric tools.  GNU make.
#
#   make            build the commands into build/bin (gcc or clang; no engine needed)
#   make demo       install what is missing, build, run the whole pipeline on a sample
#   make check      install what the tests need and run them all
#   make check-package  build, check, install and remove the Debian package
#   make check-ports    the filters with musl, and on arm64, s390x and i386
#   make check-odd      the filters in odd languages, time zones and limits, and on full disks
#   make analyze    gcc's -fanalyzer and clang-tidy
#   make static     the filters for any Linux of this processor: build/static/bin
#   make check-readme   README's commands in a small Debian, and GitLab's job
#   make dist       a tarball of the last commit
#   make picture    README's picture anew, of mm-report's page in Chromium
#   make bench      measure, beside cat, wc and jq
#   make bench-agents, make bench-classify   measure two of the parts
#   make bench-ask      measure what people ask by default, over 10 million events
#   make bench-browser  measure what the browser script costs a page
#   make bench-import   measure mm-import beside GoAccess
#   make bench-insert   measure mm-insert beside curl
#   make bench-scale    count instructions as lines, visitors and hosts grow
#   make bench-send     measure mm-send to mm-serve beside curl
#   make bench-serve    measure mm-serve beside a server of Node
#   make bench-stats   measure an answer over 10 million events, beside curl
#   make bench-tables   measure what a row costs ClickHouse
#   make soak       exactly once, shown: ROUNDS=200 times something breaks in the middle;
#                   and that nobody who was forgotten comes back
#   make fuzz       fuzz for SECONDS_EACH=60 seconds a target
#   make install    PREFIX=/usr/local DESTDIR=; make uninstall takes it away again
#   make engine     fetch the ClickHouse library of mm-clickhouse for you; SYSTEM=1 (root): for all
#   make geoip      fetch a country database, likewise

PREFIX  ?= /usr/local
DESTDIR ?=
BUILD   ?= build
# Where all users of the machine find the engine and the country database.
STATE   ?= /var/lib/millimetric
CC      ?= cc
CFLAGS  ?= -O2 -g
SECONDS_EACH ?= 60
ROUNDS ?= 200

# WERROR=-Werror turns warnings into errors; CI does.
WERROR  ?=
# SANITIZE=-fsanitize=address,undefined builds with sanitizers.
SANITIZE ?=

ifeq ($(strip $(BUILD)),)
$(error BUILD is empty)
endif

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wvla -Wwrite-strings -Wconversion -Wno-sign-conversion $(WERROR)
DEFINES = -Ilib -I. -I$(BUILD) -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 \
	$(LLHTTP_FLAGS) $(CPPFLAGS)
# -MT: a compiler cache would else tell of the target of another build directory.  By both of its
# names: what BUILD=build has made may be made again with BUILD=$PWD/build.
NAMES = $(sort $(abspath $@) $(patsubst $(CURDIR)/%,%,$(abspath $@)))
ALL_CPPFLAGS = $(DEFINES) -MMD -MP $(NAMES:%=-MT %)
# Checked copies (which need an optimiser, and a sanitizer does better), stacks that do not meet, an
# address that is not known, tables of functions that are written once.
FORTIFY = $(if $(SANITIZE)$(filter -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
HARDEN = -fstack-protector-strong -fstack-clash-protection -fPIE $(FORTIFY)
ALL_CFLAGS = -std=c11 $(HARDEN) $(WARNINGS) $(SANITIZE) $(CFLAGS)
# More of them for unit tests and for fuzzers, which need not be fast themselves.
TEST_CFLAGS ?= -O1
ALL_LDFLAGS = -pie -Wl,--as-needed -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack $(SANITIZE) $(LDFLAGS)
# The parser of HTTP: a library where the system has one, else the sources of Debian's node-llhttp.
ifeq ($(shell pkg-config --exists libllhttp 2>/dev/null && echo yes),yes)
LLHTTP_FLAGS := $(shell pkg-config --cflags libllhttp)
LLHTTP_LIBS := $(shell pkg-config --libs libllhttp)
LLHTTP_OBJ =
else
LLHTTP_DIR ?= /usr/share
LLHTTP_FLAGS = -isystem $(LLHTTP_DIR)/include/llhttp
LLHTTP_LIBS =
LLHTTP_OBJ = $(BUILD)/llhttp/llhttp.o $(BUILD)/llhttp/api.o $(BUILD)/llhttp/http.o
endif
LIBS = $(LLHTTP_LIBS) -ljq $(JQ_NEEDS) -lsodium -lmaxminddb -lutf8proc -lz -lzstd -ldl -lpthread

LIB_SRC = $(wildcard lib/*/*.c)
CMD_SRC = cmd/mm.c $(wildcard cmd/mm-*.c)
SHARED_SRC = $(wildcard cmd/*/*.c)
LIB_OBJ = $(LIB_SRC:%.c=$(BUILD)/%.o) $(SHARED_SRC:%.c=$(BUILD)/%.o) $(BUILD)/schema-sql.o \
	$(LLHTTP_OBJ)
COMMANDS = $(CMD_SRC:cmd/%.c=%)
BIN = $(COMMANDS:%=$(BUILD)/bin/%)
UNIT = $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
FUZZ = $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
TOOLS = $(BUILD)/tests/gen-events $(BUILD)/tests/gen-log $(BUILD)/tests/measure $(BUILD)/tests/engine-tcp \
	$(BUILD)/tests/no-landlock $(BUILD)/tests/http-echo $(BUILD)/tests/clock-jumps.so $(BUILD)/tests/nfs.so \
	$(BUILD)/tests/power.so $(BUILD)/tests/journal-load $(BUILD)/tests/copy-lines

all: $(BIN)

$(BUILD)/libmm.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $(LIB_OBJ)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/bin/%: $(BUILD)/cmd/%.o $(BUILD)/libmm.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libmm.a $(LIBS)

$(BUILD)/lib/tables/engine_find.o: DEFINES += -DMM_STATE_DIR='"$(STATE)"'

# Its warnings are its authors'; in strict mode it refuses what it would else guess.
$(BUILD)/llhttp/%.o: $(LLHTTP_DIR)/llhttp/%.c
	@mkdir -p $(@D)
	$(CC) $(LLHTTP_FLAGS) -DLLHTTP_STRICT_MODE=1 -std=c11 -w $(SANITIZE) $(CFLAGS) -c -o $@ $<

# ---- made at build time: the tables, the style of pages, the browser script, the SQL ----

$(BUILD)/hosts-table.h: lib/enrich/hosts.tsv lib/enrich/hosts-gen.awk
	@mkdir -p $(@D)
	awk -f lib/enrich/hosts-gen.awk lib/enrich/hosts.tsv > $@.tmp
	@mv $@.tmp $@

$(BUILD)/lib/enrich/hosts.o: $(BUILD)/hosts-table.h

$(BUILD)/agent-table.h: lib/enrich/agent-words.tsv lib/enrich/bots.tsv lib/enrich/bots-gen.awk
	@mkdir -p $(@D)
	awk -f lib/enrich/bots-gen.awk lib/enrich/agent-words.tsv lib/enrich/bots.tsv > $@.tmp
	@mv $@.tmp $@

$(BUILD)/lib/enrich/bots.o: $(BUILD)/agent-table.h

$(BUILD)/escape-table.h: lib/text/escape-gen.awk
	@mkdir -p $(@D)
	awk -f lib/text/escape-gen.awk > $@.tmp
	@mv $@.tmp $@

$(BUILD)/lib/text/json_string.o: $(BUILD)/escape-table.h

$(BUILD)/page-css.h: lib/show/page.css lib/show/css-gen.awk
	@mkdir -p $(@D)
	awk -f lib/show/css-gen.awk lib/show/page.css > $@.tmp
	@mv $@.tmp $@

$(BUILD)/lib/show/page.o: $(BUILD)/page-css.h

# Debian's iso-codes; names of countries are not kept here.
ISO_3166 = /usr/share/iso-codes/json/iso_3166-1.json

$(BUILD)/country-table.h: lib/show/countries-gen.awk $(ISO_3166)
	@mkdir -p $(@D)
	awk -f lib/show/countries-gen.awk $(ISO_3166) > $@.tmp
	@mv $@.tmp $@

$(BUILD)/lib/show/country.o: $(BUILD)/country-table.h

$(BUILD)/log-keys-table.h: lib/import/log-keys.tsv lib/import/log-keys-gen.awk
	@mkdir -p $(@D)
	awk -f lib/import/log-keys-gen.awk lib/import/log-keys.tsv > $@.tmp
	@mv $@.tmp $@

$(BUILD)/lib/import/log_keys.o: $(BUILD)/log-keys-table.h

MANUALS = $(sort $(wildcard man/mm-*.1))

$(BUILD)/commands-table.h: $(MANUALS) completions/mm.fish cmd/mm/index-gen.awk
	@mkdir -p $(@D)
	awk -f cmd/mm/index-gen.awk $(MANUALS) completions/mm.fish > $@.tmp
	@mv $@.tmp $@

$(BUILD)/cmd/mm/index.o: $(BUILD)/commands-table.h

$(BUILD)/browser-script.h: clients/browser/a.min.js clients/browser/embed.sh
	@mkdir -p $(@D)
	sh clients/browser/embed.sh clients/browser/a.min.js > $@.tmp
	@mv $@.tmp $@

$(BUILD)/lib/serve/script.o: $(BUILD)/browser-script.h

SQL = $(sort $(wildcard sql/*.sql))
CLUSTER_SQL = $(sort $(wildcard sql/cluster/*.sql))

$(BUILD)/schema-sql.c: $(SQL) $(CLUSTER_SQL) sql/embed.sh
	@mkdir -p $(@D)
	{ sh sql/embed.sh schema_files $(SQL) && \
		sh sql/embed.sh schema_cluster_files $(CLUSTER_SQL); } > $@.tmp
	@mv $@.tmp $@

$(BUILD)/schema-sql.o: $(BUILD)/schema-sql.c
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -Wno-overlength-strings -c -o $@ $<

# ---- linked statically, with musl: what needs libcurl or the engine is not among them ----

STATIC = mm mm-batch mm-classify mm-dedup mm-enrich mm-hash-ip mm-identify mm-import mm-key mm-validate
MUSL = $(abspath $(BUILD)/musl)

static:
	cmd/setup/deps.sh static
	cmd/setup/musl.sh $(MUSL)
	$(MAKE) BUILD=$(BUILD)/static CC=musl-gcc AR=gcc-ar CPPFLAGS='-isystem $(MUSL)/include' \
		LDFLAGS='-static -no-pie -L$(MUSL)/lib' JQ_NEEDS='-lonig -lm' \
		$(STATIC:%=$(BUILD)/static/bin/%)

# ---- tests, benchmarks, the demonstration ----

# An object first, which a compiler cache knows.
$(BUILD)/tests/unit/%.o $(BUILD)/tests/fuzz/%.o: ALL_CFLAGS += $(if $(filter -O0,$(CFLAGS)),,$(TEST_CFLAGS))

$(UNIT): $(BUILD)/tests/%: $(BUILD)/tests/unit/%.o $(BUILD)/libmm.a
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libmm.a $(LIBS)

$(BUILD)/tests/gen-events: tests/data/gen-events.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $<

$(BUILD)/tests/gen-log: tests/data/gen-log.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $<

$(BUILD)/tests/engine-tcp: tests/faults/engine-tcp.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< -ldl -lpthread

$(BUILD)/tests/no-landlock: tests/faults/no-landlock.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $<

$(BUILD)/tests/http-echo: tests/faults/http-echo.c $(BUILD)/libmm.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libmm.a $(LIBS)

$(BUILD)/tests/journal-load: tests/faults/journal-load.c $(BUILD)/libmm.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libmm.a $(LIBS)

# Without sanitizers, which can't be preloaded.
$(BUILD)/tests/%.so: tests/faults/%.c
	@mkdir -p $(@D)
	$(CC) $(filter-out $(SANITIZE),$(ALL_CFLAGS)) -shared -fPIC -o $@ $<

$(BUILD)/tests/copy-lines: tests/bench/copy-lines.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $<

$(BUILD)/tests/measure: tests/bench/measure.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $<

# In a tree where the fuzzer sees the branches of the library: see SANITIZED.
$(FUZZ): $(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%.o $(BUILD)/libmm.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libmm.a $(LIBS)

$(BUILD)/tests/bench_%: tests/bench/bench_%.c $(BUILD)/libmm.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libmm.a $(LIBS)

$(BUILD)/tests/agents: tests/bench/agents.c $(BUILD)/libmm.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libmm.a $(LIBS)

unit: $(UNIT) $(TOOLS) $(BUILD)/tests/agents $(BUILD)/tests/bench_agents

fuzz-programs: $(FUZZ)

# With sanitizers, and with the counters of branches that a fuzzer looks at: one tree for the
# commands, the unit tests and the fuzzers.  A program without a fuzzer in it does not count.
# What is no library is not optimised: that would take longer than it saves.
SANITIZED = BUILD=$(BUILD)/asan CC=clang CFLAGS='-O1 -gline-tables-only' CMD_CFLAGS=-O0 TEST_CFLAGS=-O0 \
	LDFLAGS='$(if $(shell command -v ld.lld),-fuse-ld=lld)' \
	SANITIZE='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all'

$(BUILD)/cmd/%.o: ALL_CFLAGS += $(CMD_CFLAGS)

.PHONY: sanitized portable
sanitized:
	$(MAKE) $(SANITIZED) all unit fuzz-programs

# The code for processors without vectors: a copy of what `make all unit` has made, in which the
# objects that are others with MM_PORTABLE are made again.
portable: all unit
	rm -rf $(BUILD)/portable
	mkdir $(BUILD)/portable
	cp -a $(wildcard $(addprefix $(BUILD)/,lib cmd tests llhttp *.c *.h *.o)) $(BUILD)/portable
	grep -l MM_PORTABLE lib/*/*.[ch] | grep -rlFf - --include='*.d' $(BUILD)/portable | sed 's/d$$/o/' | xargs rm
	$(MAKE) BUILD=$(BUILD)/portable CC=clang CFLAGS=-O0 CPPFLAGS=-DMM_PORTABLE all unit

fuzzers:
	$(MAKE) $(SANITIZED) fuzz-programs

fuzz: fuzzers
	tests/fuzz/run.sh $(BUILD)/asan/fuzz $(SECONDS_EACH)

check-unit: unit
	@for t in $(UNIT); do $$t </dev/null || exit 1; done

check:
	cmd/setup/deps.sh check
	BUILD=$(BUILD) tests/run.sh

check-package:
	cmd/setup/deps.sh package
	BUILD=$(BUILD) tests/lint/package.sh

check-ports:
	cmd/setup/deps.sh ports
	BUILD=$(BUILD) tests/ports/run.sh

check-readme: all $(BUILD)/tests/gen-log
	cmd/setup/deps.sh package
	BUILD=$(BUILD) tests/lint/strangers.sh

analyze: all
	cmd/setup/deps.sh analyze
	BUILD=$(abspath $(BUILD)) tests/lint/analyze.sh

check-odd:
	cmd/setup/deps.sh check
	BUILD=$(BUILD) tests/ports/run.sh odd

check-cluster:
	cmd/setup/deps.sh cluster
	tests/faults/replicas.sh

soak:
	cmd/setup/deps.sh check
	$(MAKE) all $(TOOLS)
	BUILD=$(BUILD) ROUNDS=$(ROUNDS) tests/faults/soak.sh
	BUILD=$(BUILD) ROUNDS=$(ROUNDS) tests/faults/forget-soak.sh

demo:
	cmd/setup/deps.sh demo
	@echo "building (make alone shows how)"
	@$(MAKE) -s all $(BUILD)/tests/gen-events
	@BUILD=$(BUILD) tests/demo/run.bash

picture: all $(BUILD)/tests/gen-events
	BUILD=$(BUILD) tests/demo/picture.sh

bench:
	cmd/setup/deps.sh check
	$(MAKE) all $(TOOLS)
	BUILD=$(BUILD) tests/bench/run.sh

bench-agents:
	cmd/setup/deps.sh check
	$(MAKE) $(BUILD)/tests/agents $(BUILD)/tests/bench_agents
	BUILD=$(BUILD) tests/bench/agents.sh

bench-classify:
	cmd/setup/deps.sh check
	$(MAKE) $(TOOLS) $(BUILD)/tests/bench_classify
	$(BUILD)/tests/gen-events -n 500000 > $(BUILD)/bench-events.ndjson
	$(BUILD)/tests/bench_classify $(BUILD)/bench-events.ndjson

bench-ask:
	cmd/setup/deps.sh check
	$(MAKE) all
	BUILD=$(BUILD) tests/bench/ask.sh

bench-import:
	cmd/setup/deps.sh check
	$(MAKE) all $(TOOLS)
	BUILD=$(BUILD) tests/bench/import.sh

bench-stats:
	cmd/setup/deps.sh check
	$(MAKE) all
	BUILD=$(BUILD) tests/bench/stats.sh

bench-tables:
	cmd/setup/deps.sh check
	$(MAKE) all $(TOOLS)
	BUILD=$(BUILD) tests/bench/tables.sh

bench-insert:
	cmd/setup/deps.sh check
	$(MAKE) all $(TOOLS)
	BUILD=$(BUILD) tests/bench/insert.sh

bench-browser:
	cmd/setup/deps.sh check
	$(MAKE) all
	node tests/bench/browser.mjs $(BUILD)/bin

bench-scale:
	cmd/setup/deps.sh check
	$(MAKE) all $(TOOLS)
	BUILD=$(BUILD) tests/bench/scale.sh

bench-send:
	cmd/setup/deps.sh check
	$(MAKE) all $(TOOLS)
	BUILD=$(BUILD) tests/bench/send.sh

bench-serve:
	cmd/setup/deps.sh check
	$(MAKE) all $(BUILD)/tests/bench_loop
	BUILD=$(BUILD) tests/bench/serve.sh

# Of the source, by a minifier that only this needs.
browser-script:
	clients/browser/minify.sh > clients/browser/a.min.js.tmp
	mv clients/browser/a.min.js.tmp clients/browser/a.min.js

completions: $(BIN)
	completions/generate.sh $(BUILD)/bin completions

format:
	find lib cmd tests -name '*.[ch]' -exec clang-format -i {} +

# ---- installation ----

engine geoip:
	MM_STATE_DIR=$(STATE) cmd/setup/$@.sh $(if $(SYSTEM),--system)

LIBEXEC = $(DESTDIR)$(PREFIX)/libexec/millimetric
MAN1 = $(wildcard man/*.1)
MAN5 = $(wildcard man/*.5)
MAN7 = $(wildcard man/*.7)
SHARE = $(DESTDIR)$(PREFIX)/share
BASH_DIR = $(SHARE)/bash-completion/completions
ZSH_DIR = $(SHARE)/zsh/site-functions
UNITS = $(DESTDIR)$(PREFIX)/lib/systemd/system
FISH_DIR = $(SHARE)/fish/vendor_completions.d

# The version stands in cmd/cli/face.h; the same commit gives the same bytes.
VERSION := $(shell sed -n 's/^.define MM_VERSION "\(.*\)"/\1/p' cmd/cli/face.h)

dist:
	@mkdir -p $(BUILD)
	git archive --prefix=millimetric-$(VERSION)/ HEAD -- . ':(exclude)debian' | gzip -9n > $(BUILD)/millimetric-$(VERSION).tar.gz
	@echo $(BUILD)/millimetric-$(VERSION).tar.gz

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(SHARE)/man/man1 $(SHARE)/man/man5 $(SHARE)/man/man7 \
		$(SHARE)/millimetric/sql/cluster $(SHARE)/millimetric/clients/node $(BASH_DIR) $(ZSH_DIR) $(FISH_DIR)
	install -d $(LIBEXEC)
	install -m 755 $(BIN) $(DESTDIR)$(PREFIX)/bin
	install -m 755 cmd/setup/engine.sh cmd/setup/geoip.sh cmd/setup/deps.sh $(LIBEXEC)
	sed 's,DIR:-/var/lib/millimetric},DIR:-$(STATE)},' cmd/setup/fetch.sh > $(LIBEXEC)/fetch.sh
	chmod 644 $(LIBEXEC)/fetch.sh
	install -m 644 $(MAN1) $(SHARE)/man/man1
	install -m 644 $(MAN5) $(SHARE)/man/man5
	install -m 644 $(MAN7) $(SHARE)/man/man7
	install -m 644 $(SQL) $(SHARE)/millimetric/sql
	install -m 644 $(CLUSTER_SQL) $(SHARE)/millimetric/sql/cluster
	install -m 644 lib/enrich/hosts.tsv lib/enrich/bots.tsv lib/import/log-keys.tsv $(SHARE)/millimetric
	install -m 644 cmd/key/gitleaks.toml $(SHARE)/millimetric
	install -m 644 clients/node/* $(SHARE)/millimetric/clients/node
	install -d $(UNITS)
	sed 's,@BIN@,$(PREFIX)/bin,' cmd/serve/mm-serve.service > $(UNITS)/mm-serve.service
	chmod 644 $(UNITS)/mm-serve.service
	install -m 644 cmd/serve/mm-serve.socket cmd/serve/mm-serve-private.socket $(UNITS)
	install -m 644 completions/_mm $(ZSH_DIR)/_mm
	for c in $(COMMANDS); do \
		install -m 644 completions/mm.bash $(BASH_DIR)/$$c && \
		install -m 644 completions/mm.fish $(FISH_DIR)/$$c.fish || exit 1; \
	done

uninstall:
	for c in $(COMMANDS); do \
		rm -f $(DESTDIR)$(PREFIX)/bin/$$c $(BASH_DIR)/$$c $(FISH_DIR)/$$c.fish; \
	done
	rm -f $(MAN1:man/%=$(SHARE)/man/man1/%) $(MAN5:man/%=$(SHARE)/man/man5/%) \
		$(MAN7:man/%=$(SHARE)/man/man7/%) $(ZSH_DIR)/_mm
	rm -f $(UNITS)/mm-serve.service $(UNITS)/mm-serve.socket $(UNITS)/mm-serve-private.socket
	rm -rf $(SHARE)/millimetric $(LIBEXEC)

clean:
	rm -rf $(BUILD)

PHONY_BENCH = bench bench-agents bench-ask bench-browser bench-classify bench-import bench-insert bench-scale bench-send bench-serve bench-stats bench-tables
.PHONY: all static analyze check-ports check-odd unit fuzzers fuzz-programs fuzz check check-unit check-package check-readme check-cluster dist soak demo picture $(PHONY_BENCH) completions browser-script \
	format engine geoip install uninstall clean
.PRECIOUS: $(BUILD)/%.o
-include $(wildcard $(BUILD)/*.d $(BUILD)/*/*.d $(BUILD)/*/*/*.d)
