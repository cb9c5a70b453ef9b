#!/usr/bin/env bash
# Deploys one integration for one environment: checks the manifest, builds for the stack's processor, checks
# what was built, deploys it, and writes the stack's outputs to a file. `make deploy` calls it.
#
#   deploy/deploy.sh INTEGRATION ENVIRONMENT
#
#   PARAMETERS="Name=value …"   parameters of template.yaml, over those of samconfig.toml
#   OVERLAY=FILE                a file laid over the manifest
#   CONFIRM=no                  does not show the changes and wait for a yes (pipelines)
#
# samconfig.toml has a table for each environment; what stands there counts for building and for deploying.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

stop() {
  echo "deploy: $1" >&2
  exit 1
}

integration=${1:-} environment=${2:-}
[ -n "$integration" ] || stop "which integration? make deploy INTEGRATION=hubspot ENV=staging"
table=$environment
[ "$environment" != dev ] || table=default
grep -q "^\[$table\.global\.parameters\]" samconfig.toml ||
  stop "samconfig.toml has no [$table.global.parameters]: ENV is dev, staging or production, or a table that you add"

# sam reads only one of the region's two names; AWS's other tools prefer the other one. sam asks AWS for nothing
# before it has built, so that a missing region or key would show after minutes.
export AWS_DEFAULT_REGION=${AWS_REGION:-${AWS_DEFAULT_REGION:-}}
[ -n "$AWS_DEFAULT_REGION" ] || unset AWS_DEFAULT_REGION
python deploy/who.py || exit 1

# The manifest first: a typo must not cost a build, and never a stack that answers nobody.
check=(cargo run --quiet --locked -p talkdesk-bridge -- check "manifests/$integration")
[ -z "${OVERLAY:-}" ] || check+=(--overlay "$OVERLAY")
"${check[@]}" || exit 1

# Later ones win, so the caller's own come last.
from_table=$(awk -v table="[$table.global.parameters]" '
  /^\[/ { inside = $0 == table }
  inside && /^parameter_overrides/ { gsub(/^[^"]*"|"[^"]*$/, ""); print }' samconfig.toml)
version=$(git describe --always --dirty --tags 2>/dev/null || echo unknown)
parameters="$from_table Integration=$integration Environment=$environment ${PARAMETERS:-}"
[ -z "${OVERLAY:-}" ] || parameters+=" Overlay=overlay.yaml"
architecture=arm64
for pair in $parameters; do
  case $pair in Architecture=*) architecture=${pair#*=} ;; esac
done

stack="talkdesk-bridge-$integration-$environment" build=".aws-sam/$environment"
export SAM_CLI_TELEMETRY=0
here=(--config-file "$PWD/samconfig.toml" --config-env "$table" --parameter-overrides)
echo "deploy: building $integration for $environment ($architecture)"
# What is deployed is built slower and starts faster: see [profile.release] in Cargo.toml.
export CARGO_PROFILE_RELEASE_LTO="${CARGO_PROFILE_RELEASE_LTO:-fat}"
sam build "${here[@]}" "$parameters" --build-dir "$build"
deploy/check-build.sh "$architecture" "$build"
if [ -n "${OVERLAY:-}" ]; then
  for function in "$build"/*/; do cp "$OVERLAY" "$function/overlay.yaml"; done
fi

# What a version of a function is made of. The alias moves only to a new version.
release=$({ cat "$build"/*/*; echo "$parameters"; } | git hash-object --stdin)
confirm=()
[ "${CONFIRM:-yes}" != no ] || confirm=(--no-confirm-changeset)
sam deploy --template-file "$build/template.yaml" "${here[@]}" "$parameters Version=$version Release=$release" \
  --stack-name "$stack" --s3-prefix "$stack" ${confirm[@]+"${confirm[@]}"} ${SAM_ARGUMENTS:-}

# The stack is there by now, whatever becomes of the file.
outputs="target/outputs/$stack.json"
mkdir -p target/outputs
if sam list stack-outputs --stack-name "$stack" --output json >"$outputs"; then
  echo "deploy: $stack is deployed; its outputs are in $outputs"
else
  rm "$outputs"
  echo "deploy: $stack is deployed, but its outputs could not be read. Once they can:" >&2
  echo "  target/test-env/bin/sam list stack-outputs --stack-name $stack --output json >$outputs" >&2
fi
