# What a person needs: a Rust toolchain, a C compiler, make. `make test` installs what it needs beyond that.

.PHONY: run test test-sqlite test-postgres test-browser test-clients lint bench soak

run:
	cargo build --release --locked
	./target/release/partner-center demo

test: test-sqlite test-postgres test-browser test-clients

test-sqlite:
	cargo test --locked --quiet

test-postgres:
	scripts/with-postgres cargo test --locked --quiet --test suite

test-browser:
	scripts/with-browser cargo test --locked --quiet --test browser

test-clients:
	scripts/with-clients cargo test --locked --quiet --test clients -- --nocapture

lint:
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --quiet

bench:
	cargo build --release --locked --bench requests --bench lists --bench devices
	scripts/with-postgres cargo bench --locked --bench requests
	scripts/with-postgres cargo bench --locked --bench lists
	scripts/with-postgres cargo bench --locked --bench devices

MINUTES ?= 10
soak:
	scripts/soak $(MINUTES)
