/* abort ends the program, not the kernel. */
#include <stdlib.h>

int main(void)
{
    abort();
}
