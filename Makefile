# A thin front for the CMake presets; `make help` lists what there is.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
PREFIX ?= /usr/local
# every target is a word, none is a file
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' $(firstword $(MAKEFILE_LIST)))

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install the system packages that are missing, make build/venv
	@scripts/setup

build: setup ## build/bin/mxc, build/lib/libmxc.so.0, build/lib/libmxc.a
	@scripts/build default

install: build ## header, libraries, command, pkg-config and CMake files below PREFIX (DESTDIR too)
	@cmake --install build --prefix $(PREFIX) --strip

c-package: build ## the C package: build/packages/mxc-*.tar.gz
	@scripts/packages c

crates: build ## the Rust crates: build/packages/mxc-*.crate
	@rust/package

packages: build ## every package that can be built here, in build/packages, and their sizes
	@scripts/packages all

wheel: build ## the Python package: build/packages/mxc-*.whl
	@scripts/wheel

demo: build ## set up, build, and run the main job on real data
	@scripts/demo

test: setup ## set up, build, and run every test and lint
	@scripts/run-tests all

test-quick: build ## build and run the tests that are quick, under a minute
	@scripts/run-tests quick

test-mutations: build ## take each safety line out in turn; a test must notice (five minutes)
	@scripts/mutations

fuzz: setup ## fuzz every reader of foreign bytes, FUZZ_SECONDS=30 each
	@scripts/fuzz

fuzz-policy: build ## N=1000000 random policies against the model in Python
	@scripts/fuzz-policy $(N)

bench: build ## measure everything beside others; writes docs/benchmarks.md
	@scripts/bench

bench-quick: build ## the same with few repetitions, within two minutes
	@scripts/bench --quick

test-lacking: build ## the walls on hosts that lack a system call (a table into docs/hosts.md; some minutes)
	@build/venv/bin/python tests/lacking/lacking.py --all --docs

test-inside: build ## mxc inside mxc and inside containers (a table into docs/hosts.md; some minutes)
	@build/venv/bin/python tests/inside/inside.py all --docs

test-kernels: build ## conformance and walls on this release's other kernels, emulated (as root; some 15 minutes)
	@tests/kernels/run

npm: build ## the Node.js package: build/packages/mxc-VERSION.tgz
	@node/scripts/pack

attack-coverage: build ## try every attack, write docs/attack-coverage.md
	@MXC_BUILD=build build/venv/bin/python tests/walls/run_rows.py --report docs/attack-coverage.md

lint: build ## layers, sizes, format, clang-tidy and more
	@scripts/run-tests lint

bindings: setup ## generate what the languages need from mxc.h (committed; a lint compares)
	@bindings/generate

abi: build ## is the ABI that of the baseline, or more
	@bindings/abi.py

abi-baseline: build ## make the ABI of now the baseline; refused unless it only adds
	@bindings/abi.py --write-baseline

format: ## clang-format all sources in place
	@scripts/lint/format.py --fix

asan: ## build and run unit and plan tests under ASan and UBSan
	@scripts/run-tests asan

clean: ## remove what was built (not build/venv)
	@find build -mindepth 1 -maxdepth 1 ! -name venv -exec rm -rf {} + 2>/dev/null || true
