/* Data of the host's C library that modules reach directly, hence near to them. The test fills them in. */
void *stdout;
void *stderr;
