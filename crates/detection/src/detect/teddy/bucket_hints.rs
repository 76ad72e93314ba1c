//! Assignment of the starts of the built-in literals to buckets. Written by `annealing.rs`; a start that is missing
//! here costs speed, never a match.

/// The starts in each bucket of the nibble tables.
#[rustfmt::skip]
pub(super) const NIBBLE_HINTS: [&[&[u8]]; 24] = [
    &[b"%25", b"%34", b"%45", b"%4B", b"%4C", b"%4b", b"%4c", b"%53", b"%59", b"%74", b"&H4", b"(69", b"/Td", b"253", b"28B", b"28b", b"344", b"346", b"3Vk", b"425", b"450", b"455", b"4C5", b"4c5", b"533", b"593", b"5D0", b"5d0", b"69u", b"744", b"789", b":69", b"=45", b"BBA", b"DAA", b"FD3", b"FVR", b"FYA", b"GIT", b"GVs", b"H4s", b"HBO", b"JHV", b"Jhb", b"L1R", b"LEY", b"LIV", b"LNY", b"LRV", b"M2R", b"MAF", b"MwV", b"OSU", b"RFT", b"RGV", b"RNR", b"RQB", b"RVU", b"SAF", b"SDR", b"Sec", b"SwB", b"TxC", b"UEs", b"UgB", b"UxO", b"V1_", b"VEV", b"VGV", b"VUV", b"VVF", b"VXp", b"VwB", b"WRK", b"WRU", b"WTA", b"XQA", b"XYT", b"Z19", b"ZFR", b"ZUp", b"ZW5", b"\\10", b"\\11", b"\\13", b"\\U0", b"\\u{", b"\\x{", b"]69", b"_Td", b"_To", b"_sk", b"_to", b"_x0", b"cE5", b"dGd", b"dUQ", b"eAE", b"eAF", b"eNo", b"eNp", b"eNq", b"eNr", b"ewa", b"fd3", b"hTV", b"lCo", b"lRe", b"ley", b"liv", b"lny", b"mic", b"on_", b"uY3", b"v1_", b"way", b"wrk", b"x45", b"x4B", b"x4b", b"x59", b"xSV", b"xUk"],
    &[b"  0", b" 00", b"+00"],
    &[b"BLE", b"KLU", b"al_", b"ic_", b"klM"],
    &[b"ipA", b"p;#", b"zMD"],
    &[b"QAQ", b"SAM", b"TFJ", b"TMF", b"TQB", b"VEZ", b"VSM", b"WMV", b"X-A", b"X-P", b"X-T", b"YEK", b"YVR", b"Y_U"],
    &[b"\t0x", b"\n0x", b"S0x", b"UWx", b"Vmx", b"XQz", b"Xaz", b"ZWx"],
    &[b"\nS1", b"\nS2", b"\nS3", b"&#0", b"&#6", b"&#7", b"&#8", b"&#X", b"&#x", b"K\' ", b"K\'+", b"K\',"],
    &[b"59,", b"69\n", b"69 ", b"69,"],
    &[b"EZX", b"GZz", b"JTM", b"UTH", b"UZW", b"VZM", b"Vkw", b"ukw", b"vdW"],
    &[b"J0e", b"kup"],
    &[b"HRn", b"dDN", b"dIn", b"nJk"],
    &[b"K\x00\x00", b"K\x00E", b"L\x00\x00", b"L\x00R", b"t\x00\x00", b"t\x00F", b"tFW"],
    &[b"Qlp", b"Rlb", b"UzB", b"WmF", b"_li"],
    &[b"45 ", b"45,", b"45-", b"45:", b"MUl"],
    &[b"GEN", b"K\x1b[", b"KEY", b"UAW", b"UKW", b"eAG", b"eAH", b"eJw", b"eJx", b"eJy", b"eJz", b"kJX"],
    &[b"4b ", b"K\" ", b"K\"+", b"K\","],
    &[b"NVW", b"NyZ", b"YVk", b"p_a", b"pyZ", b"yxc"],
    &[b"504"],
    &[b"MwM", b"MzA", b"vsm", b"x-a", b"x-p"],
    &[b")69", b"S\x00\x00", b"S\x000", b"S0V"],
    &[b"<~"],
    &[b"\n00", b"\n:1", b"Y01", b"\\00", b"u00"],
    &[b"0X4", b"1F8", b"1f8"],
    &[b"beg", b"gen", b"iag"],
];

/// The starts in each bucket of the six-bit tables.
#[rustfmt::skip]
#[cfg(any(target_arch = "x86_64", test))]
pub(super) const SIX_BIT_HINTS: [&[&[u8]]; 16] = [
    &[b"5330", b"59,0", b"59,3", b"5930", b"5D00", b"5d00", b"LEYD", b"LIVM", b"LNYX", b"MAFI", b"QAQQ", b"SAFY", b"SAML", b"UAWQ", b"UEsD", b"UKWJ", b"VEZK", b"VGVs", b"VVFY", b"VXpC", b"VkwM", b"_sk_", b"uY3J", b"ukwj"],
    &[b"%25", b"%45", b"%4B", b"%4b", b"%59", b"=45=", b"\\u{", b"eAE", b"eAF", b"eAG", b"eAH", b"x45", b"x4B", b"x4b", b"x59"],
    &[b"&#0", b"&#6", b"&#7", b"&#8", b"&#X", b"&#x", b"S0V", b"S0xV", b"Y01", b"Z19z", b"ZUp", b"ZWxu", b"\\000", b"\\10", b"\\11", b"\\13", b"\\U0", b"eJw", b"eJx", b"eJy", b"eJz", b"eNo", b"eNp", b"eNq", b"eNr"],
    &[b"(69)", b")69,", b"425A", b"425a", b"789C", b"789c", b":69,", b"M2RO", b"MwVl", b"RNRl", b"SwBF", b"VEVM", b"VwBU", b"]69+", b"cE5S", b"way_", b"zMDM"],
    &[b"begi", b"genc", b"lCon", b"lRed", b"leyd", b"livm", b"lnyx"],
    &[b"JTMx", b"LRV", b"VSMB", b"VUVz", b"YEK", b"\\x{", b"hTVm", b"p;#", b"tFW", b"xSVm", b"xUkJ", b"yxcl"],
    &[b"69\n8", b"69 8", b"69,\n", b"69, ", b"69,8", b"69u8", b"BBAH", b"BLES", b"GENT", b"GIT ", b"HBOU", b"HRnX", b"MUlZ", b"RFTE", b"RQBZ", b"TFJW", b"TMFZ", b"TQBE", b"UTHE", b"WMVJ", b"WRKZ", b"WRUY", b"WTAx", b"ZFRj", b"ZW5j", b"dDNU", b"dGdf", b"dInf", b"dUQX"],
    &[b"%34%", b"%4C%", b"%4c%", b"%53%", b"%74%", b"1F8B", b"1f8b", b"504B", b"504b", b"GVsb", b"H4sI", b"micV", b"vsmb"],
    &[b"/Td6", b"3442", b"3462", b"3VkZ", b"7446", b"GZzX", b"XQzV", b"XazF", b"_Td6", b"_Tok", b"_tok", b"iagr", b"ic_v"],
    &[b"  0x", b" 001", b"+004", b"+005", b"DAAV", b"NVWx", b"RGV1", b"UZWx", b"ipAu", b"u004", b"u005"],
    &[b"45,0", b"45,5", b"45-5", b"4500", b"4559", b"45:5", b"4C52", b"4c52", b"L\x00\x00\x00", b"L\x00R\x00", b"S\x00\x00\x00", b"S\x000\x00", b"Secr", b"kupS", b"kup_", b"t\x00\x00\x00", b"t\x00F\x00"],
    &[b"&H45", b"0X45", b"2534", b"28B5", b"28b5", b"45 5", b"45 \\", b"4b 4", b"p_au"],
    &[b"MzAz", b"Qlpo", b"RlbG", b"TxCo", b"UxOW", b"X-AP", b"X-Ap", b"X-Pr", b"X-Te", b"XQAA", b"XYTN", b"_liv", b"_x00", b"al_r", b"klMz", b"x-ap", b"x-pr"],
    &[b"\t0x0", b"\n000", b"\n001", b"\n0x0", b"\n:10", b"\nS11", b"\nS21", b"\nS31", b"FD37", b"FYAW", b"J0eX", b"JHVj", b"JhbG", b"UWxw", b"UgBW", b"UzBW", b"Vmxw", b"WmFU", b"fd37"],
    &[b"EZXV", b"FVRW", b"L1Rk", b"MwMz", b"NyZW", b"OSUz", b"RVUV", b"SDRz", b"V1_S", b"VZMD", b"YVRV", b"YVkV", b"Y_UR", b"eway", b"kJXV", b"nJkM", b"on_s", b"pyZD", b"v1_s", b"vdWR", b"wrkz"],
    &[b"<~", b"K\x00\x00\x00", b"K\x00E", b"K\x1b[", b"K\" ", b"K\"+", b"K\",", b"K\' ", b"K\'+", b"K\',", b"KEY", b"KLUv"],
];
