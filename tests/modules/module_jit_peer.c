//@ flavours: gcc-default clang-default
/* Calls a function that is made at run time, and is called by another. */

int jit_function(int argument);

int peer(int argument)
{
    return jit_function(argument) + 1;
}

int call_peer(int argument)
{
    return peer(argument);
}
