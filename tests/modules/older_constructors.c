/* Constructors of older toolchains, whose arrays count priorities down and run from their ends, among those of newer ones. */
#include "check.h"

static char order[8];
static int count;

/* An entry of a section, as older compilers write it. */
#define ENTRY(section, function) \
    __asm__(".pushsection " section ",\"aw\"\n\t.p2align 3\n\t.quad " #function "\n\t.popsection")

__attribute__((used)) static void older_plain(void) { order[count++] = 'p'; }
__attribute__((used)) static void older_plain_before(void) { order[count++] = 'o'; }
__attribute__((used)) static void older_at_200(void) { order[count++] = '2'; }
__attribute__((used)) static void older_at_101(void) { order[count++] = '1'; }
__attribute__((constructor(150))) static void at_150(void) { order[count++] = 'm'; }
__attribute__((constructor(300))) static void at_300(void) { order[count++] = '3'; }

ENTRY(".ctors", older_plain);
ENTRY(".ctors", older_plain_before);
ENTRY(".ctors.65335", older_at_200);
ENTRY(".ctors.65434", older_at_101);

int main(void)
{
    CHECK(count == 6);
    CHECK(order[0] == '1');
    CHECK(order[1] == 'm');
    CHECK(order[2] == '2');
    CHECK(order[3] == '3');
    CHECK(order[4] == 'o' && order[5] == 'p');
    return 0;
}
