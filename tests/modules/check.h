/* What every module source tests with: the first check that fails ends `main` with the number of its line. */
#ifndef CHECK_H
#define CHECK_H

#define CHECK(condition)     \
    do {                     \
        if (!(condition))    \
            return __LINE__; \
    } while (0)

/* A value that the compiler can't know, so that it can't compute the answer by itself. */
#define UNKNOWN(type, value)                \
    ({                                      \
        volatile type unknown_ = (value);   \
        unknown_;                           \
    })

#endif
