/* A thread-local variable: refused by name until thread-local storage is built. */
__thread int tls_counter = 1;

int main(void)
{
    return tls_counter++;
}
