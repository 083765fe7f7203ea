# Shortcuts for the commands that CONTRIBUTING.md explains. `just --list` shows them.

# List the recipes.
default:
    @just --list

# Open the demo on http://127.0.0.1:7788/.
demo *ARGS:
    cargo run -- demo {{ ARGS }}

# Run all tests, or those whose name contains NAME.
test *NAME:
    cargo test {{ NAME }}

# Run what CI runs.
check:
    .ci/run

# Run the scenarios, or only tests/it/scenarios/NAME.txt.
scenario NAME="":
    {{ if NAME == "" { "" } else { "COMMUNIQUE_SCENARIO=" + NAME } }} cargo test --test it scenarios

# Replay one seed of the simulation.
seed SEED:
    COMMUNIQUE_SEED={{ SEED }} cargo test --test it simulation

# Write a transcript of each seed of the simulation into FOLDER, to compare two versions.
transcripts FOLDER:
    mkdir -p {{ FOLDER }}
    COMMUNIQUE_TRANSCRIPTS="$(realpath {{ FOLDER }})" cargo test --test it simulation

# Write the actual output of a suite as the expected one: scenarios, reader or news.
bless SUITE:
    COMMUNIQUE_BLESS=1 cargo test --test it {{ SUITE }}

# Run a benchmark: reader, search or delivery. PART is one part of delivery.
bench NAME PART="":
    {{ if PART == "" { "" } else { "COMMUNIQUE_BENCH_ONLY=" + PART } }} cargo bench --bench {{ NAME }}

# Build and open the API documentation.
doc:
    cargo doc --no-deps --document-private-items --open

# Check licenses, vulnerabilities and sources of all crates.
deny:
    cargo deny check
