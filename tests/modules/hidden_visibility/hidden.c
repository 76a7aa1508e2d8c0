/* Symbols that only this module sees, so that compilers reach them without a GOT. */
__attribute__((visibility("hidden"))) int hidden_data = 11;

__attribute__((visibility("hidden"))) int hidden_function(int x)
{
    return x + hidden_data;
}

__attribute__((visibility("protected"))) int protected_function(int x)
{
    return hidden_function(x) * 2;
}
