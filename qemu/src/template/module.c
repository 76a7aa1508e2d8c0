/* @NAME@: a module for Ironlink. README.md says how it is built and run. */
#include "ironlink.h"
#include "ironlink_kernel.h"

#include <stdio.h>

/* What other modules may use: it belongs into a header. */
int @NAME@_double(int number);

int @NAME@_double(int number)
{
    return 2 * number;
}

/* Runs once the module is linked. Any result but 0 fails the load. */
static int @NAME@_init(void)
{
    printf("@NAME@: init\n");
    return 0;
}

/* Runs before the module is unloaded. */
static void @NAME@_exit(void)
{
    printf("@NAME@: exit\n");
}

/* What `cargo xtask run` calls: the module as a program of its own. */
int main(void)
{
    printf("@NAME@: twice 21 is %d\n", @NAME@_double(21));
    return 0;
}

IRONLINK_MODULE("@NAME@", "0.1.0", "MIT", @NAME@_init, @NAME@_exit);
IRONLINK_EXPORT(@NAME@_double);
IRONLINK_EXPORT(main);
IRONLINK_NEEDS_KERNEL;
