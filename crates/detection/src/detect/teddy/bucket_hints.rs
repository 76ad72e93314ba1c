//! Assignment of the starts of the built-in literals to buckets. Written by `annealing.rs`; a start that is missing
//! here costs speed, never a match.

/// The starts in each bucket of the nibble tables.
#[rustfmt::skip]
pub(super) const NIBBLE_HINTS: [&[&[u8]]; 24] = [
    &[b"gen", b"klM", b"kup"],
    &[b"beg", b"eAG", b"iag"],
    &[b"45 ", b"45,", b"45-"],
    &[b"&#7", b"/Td", b"JTM", b"OSU", b"VSM", b"_Td", b"_To"],
    &[b"69\n", b"69 ", b"69,"],
    &[b"QAQ", b"UAW", b"UKW", b"UZW", b"Vkw", b"XQz", b"Xaz", b"ukw", b"vdW"],
    &[b"_sk", b"_to", b"_x0", b"vsm"],
    &[b"253"],
    &[b"\t0x", b"\n00", b"\n0x", b"\n:1", b"\nS1", b"\nS2", b"\nS3", b"%25", b"%34", b"%45", b"%4B", b"%4C", b"%4b", b"%4c", b"%53", b"%59", b"%74", b"&#0", b"&#6", b"&#8", b"&#X", b"&#x", b"&H4", b"(69", b")69", b"344", b"346", b"3Vk", b"425", b"450", b"455", b"4C5", b"4c5", b"504", b"533", b"593", b"5D0", b"5d0", b"69u", b"744", b"789", b":69", b"=45", b"DAA", b"EZX", b"FD3", b"FVR", b"FYA", b"GIT", b"GVs", b"H4s", b"HBO", b"J0e", b"JHV", b"Jhb", b"L1R", b"LEY", b"LIV", b"LRV", b"M2R", b"MAF", b"MwV", b"MzA", b"S0V", b"S0x", b"SAF", b"SDR", b"Sec", b"SwB", b"TMF", b"TQB", b"TxC", b"UEs", b"UTH", b"UWx", b"UgB", b"UxO", b"UzB", b"V1_", b"VEV", b"VGV", b"VUV", b"VVF", b"VXp", b"Vmx", b"VwB", b"WMV", b"WRK", b"WRU", b"WTA", b"WmF", b"X-A", b"X-P", b"X-T", b"XQA", b"XYT", b"Y01", b"YEK", b"YVR", b"YVk", b"Z19", b"ZFR", b"ZUp", b"ZW5", b"ZWx", b"\\00", b"\\10", b"\\11", b"\\13", b"\\U0", b"\\u{", b"\\x{", b"]69", b"cE5", b"dGd", b"dUQ", b"eAE", b"eAF", b"eAH", b"eJx", b"eJy", b"ewa", b"fd3", b"hTV", b"ic_", b"ipA", b"lCo", b"lRe", b"ley", b"liv", b"mic", b"u00", b"uY3", b"v1_", b"way", b"wrk", b"x-a", b"x-p", b"x45", b"x4B", b"x4b", b"x59", b"xSV", b"xUk", b"yxc", b"zMD"],
    &[b"GZz", b"HRn", b"K\" ", b"K\"+", b"K\",", b"K\' ", b"K\'+", b"K\',"],
    &[b"MwM", b"NVW", b"RNR", b"RQB", b"RVU", b"SAM", b"VZM", b"Y_U"],
    &[b"BBA", b"BLE", b"GEN", b"K\x1b[", b"KEY", b"KLU", b"RFT", b"RGV", b"TFJ", b"VEZ"],
    &[b"+00", b"Qlp", b"S\x00\x00", b"S\x000"],
    &[b"dDN", b"dIn", b"kJX", b"nJk"],
    &[b"NyZ", b"p;#", b"p_a", b"pyZ"],
    &[b"\n  "],
    &[b"al_", b"lny", b"on_"],
    &[b"K\x00\x00", b"K\x00E", b"L\x00\x00", b"L\x00R", b"t\x00\x00", b"t\x00F", b"tFW"],
    &[b"<~", b"LNY"],
    &[b"45:", b"MUl"],
    &[b"0X4", b"1F8", b"1f8"],
    &[b"eJw", b"eJz", b"eNo", b"eNp", b"eNq", b"eNr"],
    &[b"28B", b"28b", b"Rlb", b"_li"],
    &[b"4b "],
];

/// The starts in each bucket of the six-bit tables.
#[rustfmt::skip]
#[cfg(any(target_arch = "x86_64", test))]
pub(super) const SIX_BIT_HINTS: [&[&[u8]]; 16] = [
    &[b"&H45", b"+004", b"+005", b"0X45", b"504B", b"504b", b"WmFU", b"X-AP", b"X-Ap", b"X-Pr", b"ipAu", b"p_au", b"u004", b"u005", b"x-ap", b"x-pr"],
    &[b"/Td6", b"3442", b"3462", b"3VkZ", b"7446", b"WRKZ", b"_Td6", b"_Tok", b"_liv", b"_tok", b"al_r"],
    &[b"HRnX", b"genc", b"lCon", b"lRed", b"leyd", b"livm", b"lnyx"],
    &[b"\t0x0", b"\n000", b"\n001", b"\n0x0", b"\n:10", b"\nS11", b"\nS21", b"\nS31", b"J0eX", b"JHVj", b"JhbG", b"RGV1", b"dDNU", b"dGdf", b"dInf", b"dUQX"],
    &[b"KLUv", b"L1Rk", b"LIVM", b"M2RO", b"MwMz", b"MwVl", b"OSUz", b"RNRl", b"RVUV", b"UKWJ", b"V1_S", b"VEVM", b"VGVs", b"VSMB", b"VUVz", b"WMVJ", b"WRUY", b"YVRV", b"YVkV", b"Y_UR", b"hTVm", b"ic_v", b"klMz", b"on_s", b"v1_s", b"vdWR", b"wrkz", b"xSVm", b"xUkJ"],
    &[b"%25", b"%45", b"%4B", b"%4b", b"425A", b"425a", b"=45=", b"K\x00E", b"x45", b"x4B", b"x4b"],
    &[b"45-5", b"4500", b"4559", b"45:5", b"4C52", b"4c52", b"K\x00\x00\x00", b"L\x00\x00\x00", b"L\x00R\x00", b"S\x00\x00\x00", b"S\x000\x00", b"cE5S", b"kupS", b"kup_", b"t\x00\x00\x00", b"t\x00F\x00"],
    &[b"5330", b"5930", b"5D00", b"5d00", b"Qlpo", b"RFTE", b"RQBZ", b"RlbG", b"TMFZ", b"TQBE", b"TxCo", b"UTHE", b"UgBW", b"UxOW", b"VXpC", b"VkwM", b"_sk_", b"_x00", b"uY3J", b"ukwj"],
    &[b"<~", b"eNo", b"eNp", b"eNq", b"eNr", b"p;#"],
    &[b"%53%", b"%59", b"&#0", b"&#6", b"&#7", b"&#8", b"&#X", b"&#x", b"S0V", b"S0xV", b"Y01", b"Z19z", b"ZUp", b"ZWxu", b"\\000", b"\\10", b"\\11", b"\\13", b"\\U0", b"\\u{", b"\\x{", b"eAE", b"eAF", b"eAG", b"eAH", b"eJw", b"eJx", b"eJy", b"eJz"],
    &[b"%34%", b"%4C%", b"%4c%", b"%74%", b"FD37", b"FVRW", b"FYAW", b"H4sI", b"MzAz", b"SDRz", b"SwBF", b"UWxw", b"UzBW", b"Vmxw", b"VwBU", b"X-Te", b"XYTN", b"eway", b"fd37"],
    &[b"45 5", b"45 \\", b"45,0", b"45,5", b"4b 4", b"K\x1b[", b"K\" ", b"K\"+", b"K\",", b"K\' ", b"K\'+", b"K\',", b"KEY", b"LEYD", b"LRV", b"YEK", b"tFW", b"x59"],
    &[b"\n   ", b"\n  0", b"69\n8", b"69 8", b"69,\n", b"69, ", b"69,8", b"69u8", b"GIT ", b"JTMx", b"MUlZ", b"TFJW", b"ZFRj", b"ZW5j"],
    &[b"(69)", b")69,", b"789C", b"789c", b":69,", b"Secr", b"]69+", b"begi", b"iagr", b"way_", b"yxcl", b"zMDM"],
    &[b"2534", b"28B5", b"28b5", b"BBAH", b"BLES", b"DAAV", b"GENT", b"GVsb", b"HBOU", b"MAFI", b"NVWx", b"QAQQ", b"SAFY", b"SAML", b"UAWQ", b"UEsD", b"UZWx", b"VEZK", b"VVFY", b"VZMD", b"WTAx", b"XQAA"],
    &[b"1F8B", b"1f8b", b"EZXV", b"GZzX", b"LNYX", b"NyZW", b"XQzV", b"XazF", b"kJXV", b"micV", b"nJkM", b"pyZD", b"vsmb"],
];
