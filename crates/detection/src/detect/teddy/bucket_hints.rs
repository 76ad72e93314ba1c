//! Assignment of the starts of the built-in literals to buckets. Written by `annealing.rs`; a start that is missing
//! here costs speed, never a match.

/// The starts in each bucket of the nibble tables.
#[rustfmt::skip]
pub(super) const NIBBLE_HINTS: [&[&[u8]]; 24] = [
    &[b"69\n", b"69 ", b"69,"],
    &[b"MUl", b"NyZ", b"X-A", b"X-T", b"XYT", b"p_a", b"pyZ", b"x-a", b"xUk"],
    &[b"HBO", b"HRn", b"cE5", b"dGd", b"dIn", b"lCo", b"lRe"],
    &[b"BBA", b"BLE", b"DAA", b"FVR", b"FYA", b"GIT", b"JHV", b"KEY", b"KLU", b"LEY", b"LIV", b"LNY", b"LRV", b"MAF", b"MwM", b"MwV", b"MzA", b"RFT", b"RGV", b"RNR", b"RQB", b"RVU", b"SAF", b"SAM", b"SwB", b"TFJ", b"TMF", b"TQB", b"TxC", b"VEV", b"VEZ", b"VGV", b"VVF", b"VZM", b"VwB", b"WMV", b"WRK", b"WRU", b"YEK", b"YVR", b"Y_U", b"ZFR"],
    &[b"%25", b"%45", b"%4B", b"%4C", b"%4b", b"%4c", b"%53", b"%59", b"%74", b"(69", b")69", b"x45", b"x4B", b"x4b", b"x59"],
    &[b"1F8", b"1f8", b"al_", b"ic_", b"kJX", b"on_"],
    &[b"WmF", b"\\u{", b"\\x{", b"klM", b"kup", b"ley", b"liv", b"lny"],
    &[b"K\x00\x00", b"K\x00E", b"L\x00\x00", b"L\x00R", b"NVW", b"OSU", b"t\x00\x00", b"t\x00F", b"tFW", b"xSV", b"zMD"],
    &[b"425", b"455", b"4C5", b"4c5", b"=45"],
    &[b"Sec", b"beg", b"gen", b"iag", b"mic"],
    &[b"/Td", b"344", b"346", b"744"],
    &[b"%34", b"504", b"533", b"593", b"uY3"],
    &[b"28B", b"28b", b"Jhb", b"M2R", b"Rlb", b"SDR", b"UgB"],
    &[b"3Vk", b"<~"],
    &[b"QAQ", b"Qlp", b"UAW", b"UKW", b"V1_", b"Vkw", b"Vmx", b"X-P", b"Xaz", b"ukw", b"v1_", b"way", b"x-p"],
    &[b"S\x00\x00", b"S\x000", b"S0V", b"Y01", b"Z19", b"\\00", b"\\10", b"\\11", b"\\13", b"\\U0"],
    &[b"&#0", b"&#6", b"&#7", b"&#8", b"&#X", b"&#x", b"JTM", b"K\x1b[", b"K\" ", b"K\"+", b"K\",", b"K\' ", b"K\'+", b"K\',", b"VSM", b"VXp", b"ZW5", b"ZWx"],
    &[b"EZX", b"GEN", b"GVs", b"GZz", b"UEs", b"UTH", b"UZW", b"WTA", b"XQz", b"dDN", b"dUQ", b"eAE", b"eAF", b"eAG", b"eAH", b"eJw", b"eJx", b"eJy", b"eJz", b"hTV"],
    &[b"YVk", b"_To", b"_sk", b"_to", b"vsm", b"wrk", b"yxc"],
    &[b"FD3", b"H4s", b"fd3", b"p;#", b"vdW"],
    &[b"253", b"45 ", b"45-", b"45:"],
    &[b"\n00", b"+00", b"J0e", b"u00"],
    &[b"UxO", b"UzB", b"eNo", b"eNp", b"eNq", b"eNr", b"ewa", b"ipA", b"nJk"],
    &[b"789", b":69", b"_li"],
];

/// The starts in each bucket of the six-bit tables.
#[rustfmt::skip]
#[cfg(any(target_arch = "x86_64", test))]
pub(super) const SIX_BIT_HINTS: [&[&[u8]]; 16] = [
    &[b"69\n8", b"69 8", b"69,\n", b"69, ", b"69,8", b"GENT", b"GIT ", b"HRnX", b"LEYD", b"LIVM", b"MUlZ", b"NVWx", b"NyZW", b"RFTE", b"RQBZ", b"TFJW", b"TMFZ", b"TQBE", b"UKWJ", b"UTHE", b"UZWx", b"VEZK", b"VVFY", b"VZMD", b"WMVJ", b"WRKZ", b"WRUY", b"WTAx", b"dDNU", b"dGdf", b"dInf", b"dUQX"],
    &[b"\n000", b"+004", b"+005", b"WmFU", b"X-Ap", b"X-Pr", b"ipAu", b"p_au", b"u004", b"u005", b"x-ap", b"x-pr"],
    &[b"(69)", b")69,", b"789C", b"789c", b":69,", b"Secr", b"begi", b"iagr", b"micV", b"way_", b"yxcl", b"zMDM"],
    &[b"genc", b"lCon", b"lRed", b"leyd", b"livm", b"lnyx"],
    &[b"425A", b"425a", b"45 5", b"45 \\", b"45-5", b"4559", b"45:5", b"4C52", b"4c52", b"K\x00\x00\x00", b"L\x00\x00\x00", b"L\x00R\x00", b"M2RO", b"S\x00\x00\x00", b"t\x00\x00\x00", b"t\x00F\x00"],
    &[b"JTMx", b"LRV", b"RGV1", b"VGVs", b"VSMB", b"hTVm", b"p;#", b"tFW", b"xSVm", b"xUkJ"],
    &[b"%45", b"%4B", b"%4b", b"%59", b"=45=", b"\\u{", b"x45", b"x4B", b"x4b", b"x59"],
    &[b"EZXV", b"KLUv", b"OSUz", b"RVUV", b"V1_S", b"YVkV", b"Y_UR", b"_sk_", b"ic_v", b"kJXV", b"nJkM", b"on_s", b"pyZD", b"v1_s", b"vdWR", b"wrkz"],
    &[b"%34%", b"%4C%", b"%4c%", b"%53%", b"%74%", b"5330", b"5930", b"H4sI", b"eway", b"uY3J"],
    &[b"/Td6", b"3442", b"3462", b"3VkZ", b"7446", b"RlbG", b"_Tok", b"_liv", b"_tok", b"al_r"],
    &[b"1F8B", b"1f8b", b"504B", b"504b", b"GZzX", b"J0eX", b"JHVj", b"JhbG", b"LNYX", b"VEVM", b"VkwM", b"ZFRj", b"ZW5j", b"cE5S", b"ukwj", b"vsmb"],
    &[b"MAFI", b"MwMz", b"MwVl", b"MzAz", b"QAQQ", b"Qlpo", b"SAFY", b"SAML", b"SDRz", b"SwBF", b"UAWQ", b"UgBW", b"UzBW", b"VXpC", b"Vmxw", b"VwBU", b"X-AP", b"X-Te", b"XQzV", b"XYTN", b"XazF", b"Z19z", b"ZWxu", b"klMz", b"kupS", b"kup_"],
    &[b"K\x00E", b"K\x1b[", b"K\" ", b"K\"+", b"K\",", b"K\' ", b"K\'+", b"K\',", b"KEY", b"S\x000\x00", b"S0V", b"Y01", b"YEK", b"\\000", b"\\10", b"\\11", b"\\13", b"\\U0", b"\\x{"],
    &[b"<~", b"RNRl", b"eNo", b"eNp", b"eNq", b"eNr"],
    &[b"2534", b"28B5", b"28b5", b"BBAH", b"BLES", b"DAAV", b"FD37", b"FVRW", b"FYAW", b"GVsb", b"HBOU", b"TxCo", b"UEsD", b"UxOW", b"YVRV", b"fd37"],
    &[b"%25", b"&#0", b"&#6", b"&#7", b"&#8", b"&#X", b"&#x", b"eAE", b"eAF", b"eAG", b"eAH", b"eJw", b"eJx", b"eJy", b"eJz"],
];
