/* What modules reach by 32 bits, hence must find near to them. The test fills the streams in. */
#include <stdlib.h>

void *stdout;
void *stderr;

/* The type information of int, which only an exception is compared with. */
void *_ZTIi[2];

int __gxx_personality_v0(void)
{
    abort();
}
