#!/bin/sh
# Install Debian's Chromium and a Chinese font for the browser tests, where apt is at hand.
command -v chromium >/dev/null && fc-list 2>/dev/null | grep -qi 'noto.*cjk' && exit 0
if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
  echo "Chromium or Noto CJK is missing and cannot be installed here; browser tests may skip." >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk >/dev/null
