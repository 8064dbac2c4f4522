//! A certificate and its key, made for these tests with `openssl req -x509 -newkey rsa:2048`: known to everybody, they
//! open nothing but a simulation. Base64 of the DER, so that no tool takes it for a lost key.

/// The certificate.
pub(crate) const CERTIFICATE: &[&str] = &[
    "MIIDOTCCAiGgAwIBAgIUUdIoqS7AbHtcqfoRf8VN9JGDMDQwDQYJKoZIhvcNAQELBQAwKzEpMCcGA1UEAwwgbWwtY29ubmVjdG9y",
    "IHRlc3QsIG9wZW5zIG5vdGhpbmcwIBcNMjYxMTI1MTgwNDE4WhgPMjEyNjExMDExODA0MThaMCsxKTAnBgNVBAMMIG1sLWNvbm5l",
    "Y3RvciB0ZXN0LCBvcGVucyBub3RoaW5nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtwcnvP66nhkTZaRc/cgXI5+f",
    "YsI5wFaNSJSjO8+hft+j+YRJeTuRXX+K8239XnMH4BvmTVyB1Os6QntFV0rFfTkngZchBrq4YO/Vz5o6Yh0o8/HTXMHmlmNNIKZ+",
    "nzyVaDtDI7yvaZZhQLblKVbu1+QcpGQMIbP4anxAS35QKs5BzklT3xl8Ejh4KLq1pxjzChmyT29OkjvJmuBhIlv4M3w/Vn/bRQ/f",
    "Pfr/eOGk5Xn9Y7J1VI54h3PKTkXG2HIiEoxkKQPmoOkRHQI2X5c1RYpldCr3kY4RG5+QATaXJzhdMHsUXgSNNKH+HIbEN71t2Yma",
    "a7UpsD1Aa//rb9bpiwIDAQABo1MwUTAdBgNVHQ4EFgQUp5NvhmOek8Cg7y/7SEj47lTM0tkwHwYDVR0jBBgwFoAUp5NvhmOek8Cg",
    "7y/7SEj47lTM0tkwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOCAQEAKCNyXeNixZDSGOYdFVQgXVJCOE679LhbRE2o",
    "wFfXH8IE960Ce3EIAQCJPYFVY3NWFwm+DLzzzGxLJV/2pcDOuZ64to0PYAYH18xeRcsoW0NuFVFKCwv75ZDIBfNrH0/zbJCm1PTP",
    "qryjEP5zD0Im34C6UysWKuj20jbJKYSPnhIgnBZ20TRx9jmEULdaegh7fmN5dxiQIg07cB7FAokGz0Nq7f0i7zowIT8UonlO+gUJ",
    "QCY75FZMX84iH8nounPwbO6vuLq8VaEmUW8Tvtt7rZHSxNZSzvIwEYOnguq5l1agk3LDvxxmztjk1bj7wlBHCxyaV+ggwETOkwvt",
    "baqwYA==",
];

/// Its private key, PKCS#8.
pub(crate) const KEY: &[&str] = &[
    "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC3Bye8/rqeGRNlpFz9yBcjn59iwjnAVo1IlKM7z6F+36P5hEl5",
    "O5Fdf4rzbf1ecwfgG+ZNXIHU6zpCe0VXSsV9OSeBlyEGurhg79XPmjpiHSjz8dNcweaWY00gpn6fPJVoO0MjvK9plmFAtuUpVu7X",
    "5BykZAwhs/hqfEBLflAqzkHOSVPfGXwSOHgourWnGPMKGbJPb06SO8ma4GEiW/gzfD9Wf9tFD989+v944aTlef1jsnVUjniHc8pO",
    "RcbYciISjGQpA+ag6REdAjZflzVFimV0KveRjhEbn5ABNpcnOF0wexReBI00of4chsQ3vW3ZiZprtSmwPUBr/+tv1umLAgMBAAEC",
    "ggEAF1sPZBuxXrlec0r9HtlosoANC8IzMmsZDlkBV4GQXytUtmN+KL1EOIUtCxFPEr1lFOEai2axnqUBwzgNyizddLRVaUEK0twC",
    "6UPRqfNJXfnQnwiN6zlHHou/bNoyMEm/2xQs5iOO0s+Ay4xLQ/I2+k++o++saKSZn6UJY1jUDBIcruae42CMvYDFqwfms1ViD2h+",
    "DSvIcr5SPROgmmt3cr/8QF6gkSxQHOXUTMQosCr4kypa0Q9tZ1Me9/JtcQTMnVQru6r0gnayFoa1p2Cw8rvAPPm6rXhz53fywwaI",
    "qWhvFjI67aH1hmq3yqIBcDzxSVVtLEgWk6qGFLz/5IwJuQKBgQDZLqREzRcWzhAvem/uRpdaA6B/Dkvd1QD3mul85sscYM3UCke3",
    "3h1l7ZSSkuPEKt2uOo1cnAOXLHnTUfCY0qnrpKV8MfI/GqwZqq5K10EWALMPVsNbT7A9yPabUmJ0JRQQEBMZofnIzcUSfcRPPGgB",
    "r6xYZiiUEBne6d9Akt3UhwKBgQDXvcG3nV4xxuGg4JGPSldfg3jRnZa7sICs20QSXK9SGOucS4ywGLWEwZIhwr6Pclkv5xamEeN8",
    "KbUM5q25v42St7Yzu3qVY8th/yziru0ln31XQX8CAJG3Cmwnvi+0Mr/KRplZ6I3O489Kx3Km3srkPfwJffcF+bvNCW0FyrNH3QKB",
    "gEVhKQjxm5albXY9XtR3qJIQ5oywPHw5N33h9wT3lZsTMa2zOwX55tpQ801/r1NTfk3SVqZnEJ6Sjrh7TKkFY1Lr3hG2wvR1yNTK",
    "ObOe4CPvRUR5Kx9YbazPLjigMON5lNcsy2082VbUpUgq9TN60J75R81VlVD3c8xKWg9+226xAoGBAMw6vh9rwbetZfo9nI3g+kVY",
    "2A7W99JFjAoWp6IaS32USbZzboNlYLCD7io3iN2Sigtm33HmjUsE0HeeB+dHBmZVsw3V9H1nMylZvsv4fFaZXLY1Ml5a25ZDL4+P",
    "4ujbAeQiYRlTpKqtzZYkqMx/K+JVKzpxHF9zweyfd6177auhAoGBAJ1bBs586TBc31FzT1VIwFiVIgw8ZtNyXyqKoJshLKU43PcE",
    "GNDdXiyCri0SB25DY+4SjfkudMiB5YMe7ZgW9IGUOfzcABoizsJ0YAsk8YC7/C4GcdILnEvBnFk3udgPRmr71l2UjkCUjR2ClU9e",
    "+REyvqKYG17VhhICbp6JTY1d",
];

/// Both as the PEM file a person would have.
pub(crate) fn pem() -> String {
    let block = |kind: &str, parts: &[&str]| {
        format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", parts.join("\n"))
    };
    format!("{}{}", block("CERTIFICATE", CERTIFICATE), block("PRIVATE KEY", KEY))
}
