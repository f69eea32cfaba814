// The functions of fmt that are no templates, compiled once: Debian has fmt's headers and a shared
// library, but no static one for the release. With FMT_HEADER_ONLY every file would compile them
// again, which was half of the build's time.
#include <locale>

#include <fmt/format-inl.h>

FMT_BEGIN_NAMESPACE

namespace detail {

// What the headers declare and leave to the library, as fmt 9's own src/format.cc has it.
template auto dragonbox::to_decimal(float) noexcept -> dragonbox::decimal_fp<float>;
template auto dragonbox::to_decimal(double) noexcept -> dragonbox::decimal_fp<double>;
template locale_ref::locale_ref(const std::locale&);
template auto locale_ref::get<std::locale>() const -> std::locale;
template auto thousands_sep_impl(locale_ref) -> thousands_sep_result<char>;
template auto decimal_point_impl(locale_ref) -> char;
template void buffer<char>::append(const char*, const char*);
template void vformat_to(buffer<char>&, string_view, basic_format_args<buffer_context<char>>,
                         locale_ref);

}  // namespace detail

FMT_END_NAMESPACE
