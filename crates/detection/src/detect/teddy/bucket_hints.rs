//! Assignment of the starts of the built-in literals to buckets. Written by `annealing.rs`; a start that is missing
//! here costs speed, never a match.

/// The starts in each bucket of the nibble tables.
#[rustfmt::skip]
pub(super) const NIBBLE_HINTS: [&[&[u8]]; 24] = [
    &[b"DAA", b"EZX", b"KEY", b"MAF", b"MwM", b"MwV", b"MzA", b"RGV", b"RNR", b"RQB", b"TQB", b"UAW", b"UZW", b"UzB", b"VEV", b"VEZ", b"VGV", b"VZM", b"VwB", b"ZWx", b"dUQ", b"eAE", b"eAF", b"eAG", b"eAH", b"eJw", b"eJx", b"eJy", b"eJz", b"eNp", b"eNq", b"eNr", b"kJX", b"kup"],
    &[b"X-T", b"XYT", b"p;#", b"p_a", b"pyZ", b"x-a", b"yxc"],
    &[b"FD3", b"JTM", b"al_", b"dDN", b"fd3", b"klM"],
    &[b"Sec", b"beg", b"gen", b"iag", b"mic"],
    &[b"69\n", b"69 ", b"69,", b"NyZ"],
    &[b"789", b":69", b"_li"],
    &[b"BBA", b"BLE", b"FVR", b"FYA", b"GIT", b"K\x00\x00", b"K\x00E", b"KLU", b"L\x00\x00", b"L\x00R", b"LIV", b"LRV", b"NVW", b"RFT", b"RVU", b"TMF", b"VVF", b"WMV", b"WRU", b"YVR", b"ZFR", b"t\x00\x00", b"t\x00F", b"tFW", b"zMD"],
    &[b"QAQ", b"Qlp", b"UKW", b"UTH", b"VXp", b"Vkw", b"Vmx", b"WTA", b"WmF", b"X-A", b"X-P", b"XQz", b"Xaz", b"ukw", b"vdW", b"way", b"x-p"],
    &[b"425", b"45 ", b"45-", b"455", b"45:", b"4b "],
    &[b"S\x00\x00", b"S\x000", b"S0V", b"SAF", b"SAM", b"UEs", b"Y01", b"YEK", b"\\00", b"\\10", b"\\11", b"\\13", b"\\U0"],
    &[b"%25", b"%34", b"%59", b"%74", b"(69", b")69", b"V1_", b"Y_U", b"Z19", b"ZW5", b"v1_", b"x59"],
    &[b"28B", b"28b", b"Jhb", b"M2R", b"Rlb", b"SDR", b"SwB", b"UgB"],
    &[b"/Td", b"504", b"744"],
    &[b"GEN", b"HBO", b"HRn", b"MUl", b"cE5", b"dIn", b"lCo", b"lRe"],
    &[b"\t0x", b"\n  ", b"\n00", b"\n0x"],
    &[b"TxC", b"UxO", b"dGd", b"eNo", b"ewa", b"ipA", b"nJk"],
    &[b"3Vk", b"<~"],
    &[b"344", b"346", b"=45"],
    &[b"1F8", b"1f8", b"4C5", b"4c5", b"OSU", b"TFJ"],
    &[b"%53", b"253", b"533", b"593", b"uY3"],
    &[b"%45", b"%4B", b"%4C", b"%4b", b"%4c", b"+00", b"H4s", b"J0e", b"u00", b"x45", b"x4B", b"x4b"],
    &[b"JHV", b"LEY", b"LNY", b"hTV", b"ic_", b"ley", b"liv", b"lny", b"on_", b"xSV"],
    &[b"VSM", b"WRK", b"YVk", b"\\u{", b"\\x{", b"_To", b"_sk", b"_to", b"vsm", b"wrk", b"xUk"],
    &[b"&#0", b"&#6", b"&#7", b"&#8", b"&#X", b"&#x", b"GVs", b"GZz", b"K\x1b[", b"K\" ", b"K\"+", b"K\",", b"K\' ", b"K\'+", b"K\',"],
];

/// The starts in each bucket of the six-bit tables.
#[rustfmt::skip]
#[cfg(any(target_arch = "x86_64", test))]
pub(super) const SIX_BIT_HINTS: [&[&[u8]]; 16] = [
    &[b"%25", b"&#0", b"&#6", b"&#7", b"&#8", b"&#X", b"&#x", b"eAE", b"eAF", b"eAG", b"eAH", b"eJw", b"eJx", b"eJy", b"eJz"],
    &[b"\n   ", b"\n  0", b"69\n8", b"69 8", b"69,\n", b"69, ", b"69,8", b"GENT", b"GIT ", b"JHVj", b"JTMx", b"JhbG", b"MUlZ", b"TFJW", b"vdWR"],
    &[b"%34%", b"%4C%", b"%4c%", b"%53%", b"%74%", b"1F8B", b"1f8b", b"GVsb", b"H4sI", b"_sk_", b"kupS", b"kup_", b"vsmb"],
    &[b"/Td6", b"EZXV", b"V1_S", b"_liv", b"ic_v", b"kJXV", b"klMz", b"micV", b"nJkM", b"on_s", b"v1_s", b"wrkz"],
    &[b"2534", b"28B5", b"28b5", b"45 5", b"45 \\", b"45-5", b"45:5", b"4b 4", b"GZzX", b"XQzV", b"XazF"],
    &[b"LRV", b"RGV1", b"TxCo", b"UxOW", b"VGVs", b"\\x{", b"p;#", b"tFW", b"yxcl"],
    &[b"K\x00E", b"K\x1b[", b"K\" ", b"K\"+", b"K\",", b"K\' ", b"K\'+", b"K\',", b"KEY", b"KLUv", b"S\x000\x00", b"S0V", b"Y01", b"YEK", b"\\000", b"\\10", b"\\11", b"\\13", b"\\U0"],
    &[b"5330", b"5930", b"BBAH", b"BLES", b"FD37", b"FVRW", b"FYAW", b"LEYD", b"LIVM", b"LNYX", b"RFTE", b"RQBZ", b"TMFZ", b"TQBE", b"UEsD", b"UTHE", b"UgBW", b"VEVM", b"VEZK", b"VVFY", b"Vmxw", b"WMVJ", b"WRKZ", b"WRUY", b"WmFU", b"X-AP", b"X-Ap", b"X-Te", b"XYTN", b"fd37", b"uY3J"],
    &[b"HBOU", b"HRnX", b"Qlpo", b"RlbG", b"Secr", b"X-Pr", b"al_r", b"dDNU", b"dGdf", b"dInf", b"dUQX", b"genc", b"x-pr"],
    &[b"DAAV", b"MwMz", b"MwVl", b"MzAz", b"NVWx", b"NyZW", b"OSUz", b"RNRl", b"RVUV", b"SAML", b"SDRz", b"SwBF", b"UAWQ", b"UKWJ", b"UZWx", b"UzBW", b"VSMB", b"VZMD", b"VwBU", b"WTAx", b"YVRV", b"YVkV", b"Y_UR", b"eway", b"hTVm", b"p_au", b"pyZD", b"x-ap", b"xSVm", b"xUkJ"],
    &[b"(69)", b")69,", b"789C", b"789c", b":69,", b"Z19z", b"begi", b"iagr", b"leyd", b"lnyx", b"way_", b"zMDM"],
    &[b"425A", b"425a", b"4559", b"4C52", b"4c52", b"K\x00\x00\x00", b"L\x00\x00\x00", b"L\x00R\x00", b"M2RO", b"MAFI", b"QAQQ", b"S\x00\x00\x00", b"SAFY", b"ZFRj", b"ZW5j", b"cE5S", b"t\x00\x00\x00", b"t\x00F\x00"],
    &[b"%45", b"%4B", b"%4b", b"%59", b"=45=", b"\\u{", b"x45", b"x4B", b"x4b", b"x59"],
    &[b"<~", b"eNo", b"eNp", b"eNq", b"eNr"],
    &[b"\t0x0", b"\n000", b"\n001", b"\n0x0", b"+004", b"+005", b"504B", b"504b", b"J0eX", b"VXpC", b"VkwM", b"ZWxu", b"ipAu", b"u004", b"u005", b"ukwj"],
    &[b"3442", b"3462", b"3VkZ", b"7446", b"_Tok", b"_tok", b"lCon", b"lRed", b"livm"],
];
