# What a replay tells of one page: windows in which it was accessed and seen. Input: lines "window" (or "instant", one without length, which is
# not counted) and "pages TEXT" of the last one; -v page=N.
# TEXT is docs/counters.md's: for each page the distance from the one before, accesses, 4 x weights + tier, in base64 VLQ digits.

BEGIN {
    for (i = 0; i < 64; i++) digit[substr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", i + 1, 1)] = i
    tier = 2
}
$1 == "window" { end_window(); windows++; at = instant = 0; next }
$1 == "instant" { at = 0; instant = 1; next }
{
    place = 1
    while (place <= length($2)) {
        at += number()
        accesses = number()
        state = number()
        if (at != page) continue
        tier = state % 4
        if (instant) continue
        accessed_now = accesses > 0
        seen_now = state >= 4
    }
}
END {
    end_window()
    split("fast slow no", name, " ")
    printf "{\"windows\":%d,\"accessed\":%d,\"seen\":%d,\"running\":%d,\"tier\":\"%s\"}\n", windows, accessed, seen, longest, name[tier + 1]
}

function number(    value, weight, d) {
    weight = 1
    do {
        d = digit[substr($2, place++, 1)]
        value += d % 32 * weight
        weight *= 32
    } while (d >= 32)
    return value + 0
}

function end_window() {
    accessed += accessed_now
    seen += seen_now
    running = seen_now ? running + 1 : 0
    if (running > longest) longest = running
    accessed_now = seen_now = 0
}
