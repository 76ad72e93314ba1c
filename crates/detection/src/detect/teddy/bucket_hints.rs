//! Assignment of the starts of the built-in literals to buckets. Written by `annealing.rs`; a start that is missing
//! here costs speed, never a match.

/// The starts in each bucket of the nibble tables.
#[rustfmt::skip]
pub(super) const NIBBLE_HINTS: [&[&[u8]]; 24] = [
    &[b"EZX", b"GEN", b"GVs", b"GZz", b"KEY", b"UAW", b"UEs", b"UTH", b"UZW", b"WTA", b"XQz", b"dDN", b"dUQ", b"eAE", b"eAF", b"eAG", b"eAH", b"eJw", b"eJx", b"eJy", b"eJz", b"hTV", b"kJX"],
    &[b"dGd", b"dIn", b"eNo", b"eNp", b"eNq", b"eNr", b"ewa", b"nJk"],
    &[b"%53", b"253", b"533", b"593", b"uY3"],
    &[b"BBA", b"BLE", b"DAA", b"FVR", b"FYA", b"GIT", b"HBO", b"JHV", b"LEY", b"LIV", b"LNY", b"LRV", b"MAF", b"MwM", b"MwV", b"MzA", b"NyZ", b"QAQ", b"RFT", b"RGV", b"RNR", b"RQB", b"RVU", b"SAF", b"SAM", b"SwB", b"TFJ", b"TMF", b"TQB", b"TxC", b"UxO", b"UzB", b"VEV", b"VEZ", b"VGV", b"VUV", b"VVF", b"VZM", b"VwB", b"WMV", b"WRK", b"WRU", b"XQA", b"XYT", b"YEK", b"YVR", b"Y_U", b"ZFR"],
    &[b"28B", b"28b", b"Jhb", b"M2R", b"Rlb", b"UgB"],
    &[b"\n00", b"\n:1", b"+00", b"Y01", b"ipA", b"klM"],
    &[b"<~", b"\\x{", b"_x0", b"yxc"],
    &[b"VSM", b"VXp", b"X-A", b"X-P", b"_sk", b"p_a", b"pyZ", b"vsm", b"wrk", b"x-a", b"x-p", b"xUk"],
    &[b"\t0x", b"\n  ", b"\n0x", b"S0V", b"S0x", b"Vmx", b"WmF"],
    &[b"344", b"346", b"744", b"=45"],
    &[b"FD3", b"H4s", b"UKW", b"Vkw", b"fd3", b"p;#", b"ukw", b"vdW"],
    &[b"1F8", b"1f8", b"4C5", b"4c5", b"al_", b"ic_", b"on_"],
    &[b"789", b":69", b"]69", b"_li"],
    &[b"K\x00\x00", b"K\x00E", b"K\x1b[", b"KLU", b"NVW", b"OSU", b"t\x00\x00", b"t\x00F", b"tFW", b"xSV", b"zMD"],
    &[b"Sec", b"YVk", b"beg", b"gen", b"iag", b"mic"],
    &[b"L\x00\x00", b"L\x00R", b"L1R", b"S\x00\x00", b"S\x000", b"SDR", b"\\00", b"\\10", b"\\11", b"\\13", b"\\U0"],
    &[b"425", b"45 ", b"45,", b"45-", b"450", b"455", b"45:", b"4b ", b"K\" ", b"K\"+", b"K\","],
    &[b"0X4", b"3Vk", b"MUl", b"cE5", b"lCo", b"lRe"],
    &[b"%25", b"%45", b"%4B", b"%4C", b"%4b", b"%4c", b"HRn", b"J0e", b"JTM", b"u00", b"x45", b"x4B", b"x4b"],
    &[b"\nS1", b"\nS2", b"\nS3", b"&#0", b"&#6", b"&#7", b"&#8", b"&#X", b"&#x", b"K\' ", b"K\'+", b"K\',", b"UWx", b"ZW5", b"ZWx"],
    &[b"%34", b"%59", b"%74", b"&H4", b"(69", b")69", b"V1_", b"X-T", b"Z19", b"v1_", b"x59"],
    &[b"Qlp", b"Xaz", b"ZUp", b"\\u{", b"kup", b"ley", b"liv", b"lny", b"way"],
    &[b"59,", b"69\n", b"69 ", b"69,", b"69u"],
    &[b"/Td", b"504", b"5D0", b"5d0", b"_Td", b"_To", b"_to"],
];

/// The starts in each bucket of the six-bit tables.
#[rustfmt::skip]
#[cfg(any(target_arch = "x86_64", test))]
pub(super) const SIX_BIT_HINTS: [&[&[u8]]; 16] = [
    &[b"%25", b"%45", b"%4B", b"%4b", b"%59", b"eAE", b"eAF", b"eAG", b"eAH", b"x45", b"x4B", b"x4b", b"x59"],
    &[b"<~", b"K\x00\x00\x00", b"K\x00E", b"K\x1b[", b"K\" ", b"K\"+", b"K\",", b"K\' ", b"K\'+", b"K\',", b"KEY"],
    &[b"425A", b"425a", b"4C52", b"4c52", b"Secr", b"ZW5j", b"_liv", b"al_r", b"iagr", b"ic_v", b"klMz"],
    &[b"\t0x0", b"\n   ", b"\n  0", b"\n000", b"\n001", b"\n0x0", b"\n:10", b"\nS11", b"J0eX", b"JHVj", b"JhbG", b"Qlpo", b"RGV1", b"RlbG"],
    &[b"&H45", b"/Td6", b"0X45", b"3442", b"3462", b"3VkZ", b"7446", b"KLUv", b"Y_UR", b"_Td6", b"_Tok", b"_tok", b"p_au"],
    &[b"789C", b"789c", b"DAAV", b"FVRW", b"FYAW", b"GZzX", b"HBOU", b"HRnX", b"M2RO", b"MAFI", b"MwMz", b"MzAz", b"OSUz", b"QAQQ", b"SAFY", b"SAML", b"SDRz", b"SwBF", b"UAWQ", b"UgBW", b"UxOW", b"UzBW", b"VUVz", b"VVFY", b"VwBU", b"XQzV", b"XazF", b"dDNU", b"dGdf", b"dInf", b"dUQX", b"genc", b"way_", b"wrkz"],
    &[b"&#0", b"&#6", b"&#7", b"&#8", b"&#X", b"&#x", b"S0V", b"S0xV", b"Y01", b"Z19z", b"ZUp", b"ZWxu", b"\\000", b"\\10", b"\\11", b"\\13", b"\\U0", b"eJw", b"eJx", b"eJy", b"eJz", b"eNo", b"eNp", b"eNq", b"eNr"],
    &[b"\nS21", b"\nS31", b"JTMx", b"UKWJ", b"UTHE", b"WRUY", b"WTAx", b"hTVm", b"lCon", b"lRed", b"livm", b"micV", b"xSVm", b"xUkJ"],
    &[b"%34%", b"%4C%", b"%4c%", b"%53%", b"%74%", b"=45=", b"FD37", b"H4sI", b"UWxw", b"Vmxw", b"X-Te", b"eway", b"fd37"],
    &[b"2534", b"28B5", b"28b5", b"5330", b"GVsb", b"RQBZ", b"TMFZ", b"TQBE", b"TxCo", b"_sk_"],
    &[b"(69)", b")69,", b":69,", b"L1Rk", b"LNYX", b"NVWx", b"RNRl", b"UZWx", b"V1_S", b"]69+", b"begi", b"leyd", b"lnyx", b"on_s", b"v1_s", b"vdWR"],
    &[b"1F8B", b"1f8b", b"504B", b"504b", b"EZXV", b"RVUV", b"VSMB", b"VZMD", b"VkwM", b"YVRV", b"YVkV", b"ZFRj", b"kJXV", b"nJkM", b"pyZD", b"ukwj", b"vsmb", b"zMDM"],
    &[b"45 5", b"45 \\", b"45,0", b"45,5", b"45-5", b"4500", b"4559", b"45:5", b"4b 4", b"L\x00\x00\x00", b"L\x00R\x00", b"S\x00\x00\x00", b"S\x000\x00", b"kupS", b"kup_", b"t\x00\x00\x00", b"t\x00F\x00"],
    &[b"+004", b"+005", b"5D00", b"5d00", b"BBAH", b"BLES", b"VXpC", b"WmFU", b"X-AP", b"X-Ap", b"X-Pr", b"XQAA", b"_x00", b"ipAu", b"u004", b"u005", b"x-ap", b"x-pr"],
    &[b"LRV", b"MwVl", b"WMVJ", b"WRKZ", b"YEK", b"\\u{", b"\\x{", b"p;#", b"tFW", b"yxcl"],
    &[b"59,0", b"59,3", b"5930", b"69\n8", b"69 8", b"69,\n", b"69, ", b"69,8", b"69u8", b"GENT", b"GIT ", b"LEYD", b"LIVM", b"MUlZ", b"NyZW", b"RFTE", b"TFJW", b"UEsD", b"VEVM", b"VEZK", b"VGVs", b"XYTN", b"cE5S", b"uY3J"],
];
