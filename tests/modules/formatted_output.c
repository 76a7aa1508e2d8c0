/* snprintf: each kind of argument arrives, integers in general and floats in vector registers, then on the stack. */
#include "check.h"
#include <stdio.h>
#include <string.h>

static char text[128];

int main(void)
{
    CHECK(snprintf(text, sizeof text, "%d %i %u", -7, 8, 9u) == 6 && !strcmp(text, "-7 8 9"));
    CHECK(snprintf(text, sizeof text, "%x %X %o %#x", 0xbeefu, 0xbeefu, 8u, 255u) == 17);
    CHECK(!strcmp(text, "beef BEEF 10 0xff"));
    CHECK(snprintf(text, sizeof text, "%ld %lld %zu", -1L << 40, 1LL << 50, sizeof text) > 0);
    CHECK(!strcmp(text, "-1099511627776 1125899906842624 128"));
    CHECK(snprintf(text, sizeof text, "%s|%8s|%-8s|%.2s", "a", "right", "left", "cut") > 0);
    CHECK(!strcmp(text, "a|   right|left    |cu"));
    CHECK(snprintf(text, sizeof text, "%c%c%%", 'o', 'k') == 3 && !strcmp(text, "ok%"));
    CHECK(snprintf(text, sizeof text, "%5.2f|%.0f|%08.3f", 3.14159, 2.5, -1.5) > 0);
    CHECK(!strcmp(text, " 3.14|2|-001.500"));
    CHECK(snprintf(text, sizeof text, "%05d|%+d|%-5d|", 42, 42, 42) > 0 && !strcmp(text, "00042|+42|42   |"));
    CHECK(snprintf(text, sizeof text, "%d%d%d%d%d%d%d%d", 1, 2, 3, 4, 5, 6, 7, 8) == 8);
    CHECK(!strcmp(text, "12345678"));
    CHECK(snprintf(text, sizeof text, "%.1f%.1f%.1f%.1f%.1f%.1f%.1f%.1f%.1f%.1f", 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7,
                   0.8, 0.9, 1.0) == 30);
    CHECK(!strcmp(text, "0.10.20.30.40.50.60.70.80.91.0"));
    CHECK(snprintf(text, sizeof text, "%d %.1f %s %.1f", 1, 2.0, "three", 4.0) > 0 && !strcmp(text, "1 2.0 three 4.0"));
    CHECK(snprintf(text, 4, "%d", 1234567) == 7 && !strcmp(text, "123"));
    return 0;
}
