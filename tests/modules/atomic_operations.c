/* Atomic operations of all widths: instructions in line or, by default on aarch64, calls of __aarch64_ldadd4_acq_rel etc. */
#include "check.h"
#include <stdatomic.h>
#include <stdint.h>

static _Atomic uint8_t byte;
static _Atomic uint16_t half;
static _Atomic uint32_t word;
static _Atomic uint64_t doubleword;

int main(void)
{
    CHECK(atomic_fetch_add(&byte, 200) == 0 && atomic_fetch_add(&byte, 100) == 200 && byte == 44);
    CHECK(atomic_fetch_or(&half, 0xf0) == 0 && atomic_fetch_and(&half, 0x3f) == 0xf0 && half == 0x30);
    CHECK(atomic_exchange(&word, 7) == 0 && atomic_fetch_sub_explicit(&word, 2, memory_order_relaxed) == 7);
    CHECK(atomic_fetch_xor_explicit(&word, 1, memory_order_acquire) == 5 && word == 4);
    uint64_t expected = 1;
    CHECK(!atomic_compare_exchange_strong(&doubleword, &expected, 9) && expected == 0);
    CHECK(atomic_compare_exchange_strong(&doubleword, &expected, 1ull << 40) && doubleword == 1ull << 40);
    atomic_store_explicit(&word, 77, memory_order_release);
    CHECK(atomic_load_explicit(&word, memory_order_acquire) == 77);
    static atomic_flag flag = ATOMIC_FLAG_INIT;
    CHECK(!atomic_flag_test_and_set(&flag) && atomic_flag_test_and_set(&flag));
    return 0;
}
